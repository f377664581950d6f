"""Dashboards read columns that exist, and dbt's exposures list what dashboards and exports read."""

import duckdb
import pytest
import yaml
from conftest import PROJECT

from credit_indices.exports.audit import CLAIMS
from credit_indices.exports.tables.marts import RELATIONS

SUPERSET = PROJECT / "bi" / "superset"


COLUMN_KEYS = ("all_columns", "column", "entity", "groupby", "groupby_b", "groupbyColumns")
COLUMN_KEYS += ("groupbyRows", "series", "x_axis")
EXPRESSION_KEYS = ("adhoc_filters", "adhoc_filters_b", "metric", "metrics", "metrics_b")
EXPRESSION_KEYS += ("size", "x", "y")


def read(kind: str) -> dict[str, dict]:
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((SUPERSET / kind).glob("*.yaml"))
    }


DATASETS, CHARTS, DASHBOARDS = read("datasets"), read("charts"), read("dashboards")
BY_UUID = {dataset["uuid"]: dataset for dataset in DATASETS.values()}


def source(dataset: dict) -> str:
    return dataset.get("sql") or f"select * from {dataset['schema']}.{dataset['table_name']}"


def with_expressions(dataset: dict) -> str:
    """Add the calculated columns of a dataset to what it reads."""
    added = [
        f'{column["expression"]} as "{column["column_name"]}"'
        for column in dataset["columns"]
        if column.get("expression")
    ]
    return f"select {', '.join(['*', *added])} from ({source(dataset)}) as dataset"


def expressions(chart: dict) -> list[str]:
    """What a chart selects, groups by, orders by and filters on, as SQL."""
    params, found = chart["params"], []
    for key in COLUMN_KEYS:
        names = listed(params.get(key) or [])
        found += [name if isinstance(name, dict) else f'"{name}"' for name in names]
    for key in EXPRESSION_KEYS:
        found += listed(params.get(key) or [])
    return [item if isinstance(item, str) else sql_of(item) for item in found]


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def sql_of(item: dict) -> str:
    if "sqlExpression" in item and item.get("expressionType") == "SQL":
        return item["sqlExpression"]
    if "column" in item:
        return f'{item["aggregate"]}("{item["column"]["column_name"]}")'
    return f'"{item["subject"]}"'


def relations(sql: str) -> set[str]:
    found = duckdb.get_table_names(sql, qualified=True)
    return {name.split()[0].replace('"', "") for name in found}


@pytest.mark.parametrize("name", DATASETS)
def test_columns_of_datasets_exist(name, shipped):
    dataset = DATASETS[name]
    selected = [f'"{column["column_name"]}"' for column in dataset["columns"]] or ["*"]
    sql = f"select {', '.join(selected)} from ({with_expressions(dataset)}) as named limit 0"
    assert shipped.query(sql) == []


@pytest.mark.parametrize("name", CHARTS)
def test_columns_of_charts_exist(name, shipped):
    chart = CHARTS[name]
    dataset = with_expressions(BY_UUID[chart["dataset_uuid"]])
    asked = expressions(chart)
    assert asked
    for expression in asked:  # an unknown column is an error
        shipped.query(f"select {expression} from ({dataset}) as named limit 0")


def reads(exposure: str) -> set[str]:
    """Return the relations that a dashboard's charts or an export read."""
    if exposure == "paper_tables":
        return {f"marts.{text.split()[0]}" for text in RELATIONS.values()}
    if exposure == "audit_page":
        return relations(CLAIMS)
    dashboard, found = DASHBOARDS[exposure.replace("_", "-")], set()
    for part in dashboard["position"].values():
        if isinstance(part, dict) and part["type"] == "CHART":
            chart = CHARTS[part["id"].removeprefix("CHART-")]
            found |= relations(source(BY_UUID[chart["dataset_uuid"]]))
    return found


def test_exposures_list_what_is_read(project):
    manifest = project.parse()
    exposures = {node.name: node for node in manifest.exposures.values()}
    for name, exposure in exposures.items():
        nodes = [manifest.nodes[unique_id] for unique_id in exposure.depends_on.nodes]
        found = {f"{node.schema}.{node.name}" for node in nodes}
        assert found == reads(name), name


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_dashboards_are_documented_and_show_values(slug, project, shipped):
    manifest = project.parse()
    exposures = {node.name: node for node in manifest.exposures.values()}
    name = slug.replace("-", "_")
    assert name in exposures, f"models/exposures.yml has no exposure {name}"
    shown = exposures[name].meta.get("shown")
    assert shown, f"{name} in models/exposures.yml has no queries in config.meta.shown"
    for sql in shown:
        rows = shipped.query(sql)
        assert len(rows) == 1, f"{sql}: expected one row"
        assert rows[0][0] is not None, f"{sql}: expected a value"
    page = (PROJECT / "docs" / "bi.md").read_text(encoding="utf-8")
    assert f"(images/{slug}.png)" in page, f"docs/bi.md does not link images/{slug}.png"

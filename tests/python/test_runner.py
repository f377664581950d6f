"""The runner equals dbt: the same SQL, the same tables, the same messages."""

import random
import shutil

import duckdb
import pytest
from conftest import PROJECT, Build, dbt, environment
from test_early_warning import (
    KEY,
    WARNINGS,
    consent_rows,
    enterprise_rows,
    random_loads,
    rule_rows,
)
from test_input_faults import FAULTS, FILE_FAULTS

from credit_indices.pipeline import project_files
from credit_indices.pipeline.check import InputFault, check, evidence
from credit_indices.pipeline.runner.project import load_project
from credit_indices.pipeline.runner.render import Renderer

NOTED = {("state", "folder"), ("marts", "build_info"), ("intermediate", "int_warnings__run")}
"""Tables with records of a dbt run: the data folder, and the time."""

TIMED = {"build_info", "int_warnings__run"}
"""Models whose text holds the time."""

IN_ORDER = {
    ("marts", "credit_repairs"),
    ("marts", "enterprise_status"),
    ("marts", "enterprise_warnings"),
    ("marts", "warning_lead_time"),
}
"""Tables with ordered rows; `union all` leaves the others unordered."""

SAMPLE = ("unknown words", "too few fields", "years as columns")


def tables(connection) -> list[tuple[str, str]]:
    found = connection.execute(
        "select table_schema, table_name from information_schema.tables order by all"
    ).fetchall()
    return [name for name in found if name not in NOTED]


def assert_same(dbt, other):
    """Compare two warehouses, every column of every table, bit for bit."""
    with (
        duckdb.connect(str(dbt), read_only=True) as first,
        duckdb.connect(str(other), read_only=True) as second,
    ):
        names = tables(first)
        assert names == tables(second)
        assert set(names) >= IN_ORDER
        for schema, name in names:
            found = []
            for connection in (first, second):
                relation = connection.sql(f'select * from "{schema}"."{name}"')
                kinds = list(map(str, relation.types))
                rows = list(map(repr, relation.fetchall()))
                found.append((relation.columns, kinds, rows))
                if (schema, name) not in IN_ORDER:
                    rows.sort()
            assert found[0] == found[1], f"{schema}.{name}"


def assert_commented(build):
    """Compare the comments on public tables and columns with marts.data_dictionary."""
    for relation, words, keys in (
        ("duckdb_tables()", "table_description", ("table_name",)),
        ("duckdb_columns()", "column_description", ("table_name", "column_name")),
    ):
        same = " and ".join(f"there.{key} = described.{key}" for key in keys)
        missing = build.query(
            f"select described.table_name from marts.data_dictionary as described "
            f"left join {relation} as there "
            f"on there.schema_name = described.table_schema and {same} "
            f"where there.comment is distinct from described.{words}"
        )
        assert missing == []


def test_every_rendered_text_equals_dbts(project, runner, tmp_path):
    warehouse = tmp_path / "credit_indices.duckdb"
    texts = project.compiled(warehouse)
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as credit_indices")
        renderer = Renderer(runner.project, connection, None, runner.cache)
        compared = 0
        for code, text in texts.items():
            node = runner.project["nodes"][code]
            if node["language"] == "sql" and node["name"] not in TIMED:
                assert renderer.sql(node).split() == text.split(), code
                compared += 1
    assert compared > 250


def test_two_builds_are_the_same_to_the_last_bit(shipped, tmp_path):
    """One by dbt, with its unit and data tests, in two threads; one by the runner."""
    warehouse = tmp_path / "credit_indices.duckdb"
    quiet = ["--log-level", "warn", "--log-level-file", "warn"]
    made = dbt("build", *quiet, folder=tmp_path, CREDIT_INDICES_DB=str(warehouse))
    assert made.returncode == 0, made.stdout
    assert_same(warehouse, shipped.warehouse)
    assert_commented(Build(True, made.stdout, warehouse))


def test_small_tables_are_those_of_dbt(project, runner, small, seeded_warehouse, tmp_path):
    """Includes two days of events, for the state of the early warning."""
    enterprises = enterprise_rows(6)
    loads = random_loads(random.Random(3), enterprises, 2)
    by_dbt, by_runner = (tmp_path / name / "credit_indices.duckdb" for name in ("dbt", "runner"))
    for warehouse in (by_dbt, by_runner):
        warehouse.parent.mkdir()
        shutil.copy(seeded_warehouse, warehouse)
    small.tables |= {
        "enterprises": enterprises,
        "enterprise_consents": consent_rows(enterprises),
        "warning_rules": rule_rows(),
    }
    every = ("credit_indices",)
    # On the second day the models of the early warning are enough.
    for load, chosen in zip(loads, (every, WARNINGS), strict=True):
        small.tables["enterprise_events"] = load
        folder = small.write(tmp_path / "data")
        with environment(CREDIT_INDICES_PSEUDONYM_KEY=KEY):
            kinds = ["--exclude-resource-type", "unit_test", "seed", "test"]
            made = project.invoke(by_dbt, "build", "--select", *chosen, *kinds, data_dir=folder)
            assert made.succeeded, made.message
            codes = runner.select(*chosen)
            made = runner.run(by_runner, codes, folder)
            assert made.succeeded, made.message
    assert_same(by_dbt, by_runner)


def test_python_models_accept_empty_tables(runner, shipped, tmp_path):
    """As in `dbt build --empty`, which loads seeds whole."""
    warehouse = tmp_path / "credit_indices.duckdb"
    shutil.copy(shipped.warehouse, warehouse)
    nodes = runner.project["nodes"]
    python = [code for code, node in nodes.items() if node["language"] == "python"]
    read = {code for model in python for code in nodes[model]["depends_on"]} - set(python)
    with duckdb.connect(str(warehouse)) as connection:
        for node in (nodes[code] for code in sorted(read) if code.startswith("model.")):
            name = f'"{node["schema"]}"."{node["alias"]}"'
            connection.execute(f"create or replace temp table emptied as from {name} limit 0")
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            connection.execute(f"drop {kind} {name}; create table {name} as from emptied")
    made = runner.run(warehouse, python)
    assert made.succeeded, made.message


@pytest.mark.parametrize("fault", SAMPLE)
def test_messages_are_those_of_dbt(fault, small, project, seeded_warehouse, tmp_path):
    if fault in FAULTS:
        FAULTS[fault][0](small.tables)
    else:
        small.files = FILE_FAULTS[fault][0]
        for name in small.files:
            small.tables.pop(name.partition(".")[0], None)
    folder = small.write(tmp_path / "data")
    warehouse = tmp_path / "credit_indices.duckdb"
    shutil.copy(seeded_warehouse, warehouse)
    by_dbt = project.invoke(warehouse, "run", "--select", "+int_input__gate", data_dir=folder)
    with pytest.raises(InputFault) as raised:
        check(str(folder), warehouse)
    *said, where = [line.strip() for line in str(raised.value).splitlines()]
    assert f"every quarantined cell is listed in {evidence(warehouse)} (" in where
    with duckdb.connect(str(evidence(warehouse)), read_only=True) as connection:
        counts = "select count(*) from intermediate.int_input__violations"
        assert connection.execute(counts).fetchone()[0] > 0
        connection.execute("from quality.quarantined_observations")
    assert evidence(warehouse).stat().st_mode & 0o077 == 0
    by_dbt = by_dbt.message.replace("Invalid Input Error: ", "")
    assert said == [line.strip() for line in by_dbt.splitlines()][-len(said) :]


def test_changed_project_file_is_parsed_again(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        "credit_indices.pipeline.runner.project._parse", lambda *_: calls.append(1) or {"nodes": {}}
    )
    copy = tmp_path / "project"
    (copy / "models").mkdir(parents=True)
    shutil.copy(PROJECT / "dbt_project.yml", copy)
    model = copy / "models" / "a.sql"
    model.write_text("select 1")
    cache = tmp_path / "cache"
    cache.mkdir()
    for _ in range(2):
        load_project(copy, cache)
    assert len(calls) == 1
    key = project_files.project_key(copy)
    model.write_text("select 2")
    assert project_files.project_key(copy) != key
    load_project(copy, cache)
    assert len(calls) == 2
    for file in cache.glob("project-*.json"):
        file.write_text("{")
    assert load_project(copy, cache) == {"nodes": {}}
    assert len(calls) == 3

"""Parts: each mart has one part; a build runs the parts with complete data and those they need."""

import json

import duckdb
import pytest

from credit_indices.pipeline import input_files, parts

OWN = {"observations", "units", "indicators", "indices", "index_nodes", "index_indicators"}


@pytest.fixture(scope="module")
def manifest(project):
    if project.manifest is None:
        project.invoke(project.folder / "credit_indices.duckdb", "parse")
    return project.manifest


def names(manifest, chosen, tables=frozenset()) -> set[str]:
    found = parts.nodes(manifest, parts.with_needed(manifest, chosen), tables)
    return {manifest.nodes[unique_id].name for unique_id in found}


def test_every_mart_has_one_part_and_every_model_some(manifest):
    known = parts.known()
    assert known[0] == parts.ALWAYS
    assert set(parts.TRIGGERS) == set(known) - {"replication", *parts.BY_NAME}
    nodes = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    marts = [node for node in nodes if node.fqn[1] == "marts"]
    assert len(marts) > 40
    assert [node.name for node in marts if len(set(node.tags) & set(known)) != 1] == []
    assert {node.name for node in nodes} - names(manifest, known) == set()


def test_parts_include_the_parts_they_need(manifest):
    for chosen, made in {
        (): {"index"},
        ("panel",): {"index", "panel"},
        ("policy",): {"index", "panel", "policy"},
        ("warnings",): {"index", "warnings"},
        ("laboratory",): {"index", "laboratory"},
        ("cross_check",): {"index", "cross_check"},
    }.items():
        assert parts.with_needed(manifest, chosen) == made
    assert "replication" in parts.with_needed(manifest, ["replication"])


def test_user_index_builds_no_other_part(manifest):
    made = names(manifest, ["index"], OWN)
    assert {"index_scores", "int_index__shares", "input_warnings", "build_info"} <= made
    beginnings = ("int_claims__", "int_policy__", "int_cross_check__", "int_warnings__", "pca_r")
    assert [name for name in made if name.startswith(beginnings)] == []
    # The land area, from which the project derives an indicator, is read with any data.
    replaced = {"nbs", "synthetic_miit", "units", "indices", "synthetic_enterprise_events"}
    assert not made & (replaced | {"stg_shipped__observations", "panel_results", "pca_fits"})
    assert {*replaced, "stg_shipped__observations"} <= names(manifest, ["index"])


@pytest.mark.parametrize(
    ("tables", "asked"),
    [
        (OWN, "index"),
        (OWN | {"panel_specs"}, "index panel policy"),
        (OWN | {"pca_variables"}, "index cross_check"),
        (OWN | {"policy_cases"}, "index policy"),
        (OWN | {"enterprise_events"}, "index warnings"),
        ({"observations"}, "index cross_check panel policy"),
        ({"enterprises"}, "index cross_check panel policy warnings"),
    ],
)
def test_tables_of_a_folder_select_parts(tables, asked):
    assert parts.selected(parts.known(), tables) == asked.split()


def test_parts_own_their_input_tables(runner):
    tables = json.loads(runner.rendered("{{ input_tables() | tojson }}"))
    owned = {name: table["part"] for name, table in tables.items() if "part" in table}
    by_name = {name: part for part, names in parts.BY_NAME.items() for name in names}
    assert owned == by_name | dict.fromkeys(input_files.WARNING_TABLES, "warnings")


def test_shipped_data_select_all_but_parts_by_name():
    assert set(parts.selected(parts.known(), frozenset())) == set(parts.known()) - {*parts.BY_NAME}


def test_no_part_needs_one_that_must_be_named(manifest):
    for part in set(parts.known()) - {"replication", *parts.BY_NAME}:
        assert not parts.BY_NAME.keys() & parts.with_needed(manifest, [part])
    assert parts.with_needed(manifest, ["neighbours"]) == {"index", "neighbours", "warnings"}


def test_kept_events_select_the_warnings():
    assert parts.selected(parts.known(), OWN, has_kept_events=True) == [
        "index",
        "warnings",
    ]


def test_unknown_part_names_are_refused():
    known = parts.known()
    assert parts.named(" panel,policy, ", known) == ["panel", "policy"]
    assert parts.named("", known) == []
    with pytest.raises(parts.UnknownPart) as error:
        parts.named("panel,Polcy,x", known)
    assert str(error.value) == (
        "PARTS: unknown parts 'Polcy', 'x'. Did you mean policy? The parts are index, "
        "coverage, credit_models, cross_check, laboratory, neighbours, panel, policy, replication, "
        "warnings; several are "
        "separated by commas. Nothing was built."
    )


def test_marts_of_other_parts_are_empty_by_contract(manifest):
    made = set(parts.known()) - {"panel"}
    with duckdb.connect() as connection:
        connection.execute(";".join(parts.empty_marts(manifest, made)))
        tables = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
        columns = connection.execute(
            "select column_name, data_type, comment from duckdb_columns() "
            "where table_name = 'ar_set_pieces'"
        ).fetchall()
        (comment,) = connection.execute(
            "select comment from duckdb_tables() where table_name = 'ar_set_pieces'"
        ).fetchone()
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    in_part = [node for node in models if "panel" in node.tags]
    assert [name for (name,) in tables] == sorted(node.name for node in in_part)
    (mart,) = [node for node in in_part if node.name == "ar_set_pieces"]
    assert [(name, kind.lower(), text) for name, kind, text in columns] == [
        (column.name, column.data_type, column.description) for column in mart.columns.values()
    ]
    assert comment == f"Empty: the part panel did not run. {mart.description}"

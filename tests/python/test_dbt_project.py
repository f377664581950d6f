"""The project for dbt users: as a package, with targets, variables and parts of the graph."""

import json
import os
import re
import shutil
from graphlib import TopologicalSorter
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2.nodes
import pytest
from conftest import PROJECT, dbt, environment
from dbt_common.clients.jinja import get_environment

from credit_indices.dbt_plugin import Plugin
from credit_indices.pipeline import threads
from credit_indices.pipeline.threads import ONE_THREAD_BELOW

pytestmark = pytest.mark.slow

MACROS = sorted((PROJECT / "macros").rglob("*.sql"))
VARIABLE = re.compile(r"\b(?:var|quality_threshold)\(\s*'(\w+)'")
# Unit tests set these by their inputs: folder and day of a run, times without an offset.
RUN_VARIABLES = {"data_dir", "as_of_date", "time_zone"}


def test_macros_call_each_other_by_the_packages_name():
    """Without it, dbt looks for them in the project that uses the package."""
    trees = {path: get_environment().parse(path.read_text(encoding="utf-8")) for path in MACROS}
    names = {
        macro.name.removeprefix("dbt_macro__")
        for tree in trees.values()
        for macro in tree.find_all(jinja2.nodes.Macro)
    }
    assert {"sql_text", "case_by_value", "check_data_source"} <= names
    unqualified = {
        (path.name, call.node.name)
        for path, tree in trees.items()
        for call in tree.find_all(jinja2.nodes.Call)
        if isinstance(call.node, jinja2.nodes.Name) and call.node.name in names
    }
    assert unqualified == set()


def variables_of(manifest, node) -> set[str]:
    """The variables that a node and the macros that it calls use."""
    found, waiting, seen = set(VARIABLE.findall(node.raw_code)), [*node.depends_on.macros], set()
    while waiting:
        name = waiting.pop()
        if name in seen or not name.startswith("macro.credit_indices."):
            continue
        seen.add(name)
        macro = manifest.macros[name]
        found |= set(VARIABLE.findall(macro.macro_sql))
        waiting += macro.depends_on.macros
    return found - RUN_VARIABLES


def test_unit_tests_pin_the_variables_that_they_depend_on(project):
    manifest = project.parse()
    assert len(manifest.unit_tests) > 40
    depends = {}
    for test in manifest.unit_tests.values():
        (node_id,) = test.depends_on.nodes[:1]
        asked = variables_of(manifest, manifest.nodes[node_id])
        pinned = set(test.overrides.vars) if test.overrides else set()
        depends[test.name] = asked - pinned
    assert {name: missing for name, missing in depends.items() if missing} == {}


LAYERS = ("staging", "intermediate", "marts")


def place(node) -> tuple[str, str]:
    """Return the layer and the folder of a model; Python models share the folders of SQL models."""
    top, *folders, _ = Path(node.original_file_path).parts
    if top == "models":
        return folders[0], "/".join(folders[1:])
    return ("intermediate", folders[0])


def test_folders_of_models_form_no_cycle(project):
    manifest = project.parse()
    models = {code: node for code, node in manifest.nodes.items() if node.resource_type == "model"}
    graph = {}
    for node in models.values():
        parents = [models[code] for code in node.depends_on.nodes if code in models]
        graph.setdefault(place(node), set()).update({place(one) for one in parents} - {place(node)})
        layer = LAYERS.index(place(node)[0])
        assert all(LAYERS.index(place(one)[0]) <= layer for one in parents), node.name
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError
    assert order.index(("intermediate", "gate")) < order.index(("intermediate", "score"))


# Seeds or folders of seeds, the folders of models that read them directly (None: any), and why.
SEEDS_READ_DIRECTLY = [
    (
        {"published"},
        {"claims", "coverage", "policy"},
        "Tables of the papers: no table of a user replaces them.",
    ),
    (
        {"nbs", "nbs_land_area", "units", "indicators", "index_indicators"},
        {"claims"},
        "The claims are about the project's own data, whatever tables a user supplies.",
    ),
    (
        {"pca_analyses", "pca_variables"},
        {"catalog", "checks"},
        "The analyses of published matrices exist whatever tables a user supplies.",
    ),
    (
        {
            "ahp_random_indices",
            "missing_value_codes",
            "nbs_land_area",
            "personal_fields",
            "tile_grid",
            "warning_event_types",
        },
        None,
        "Reference tables: no table of a user replaces them.",
    ),
]


def test_seeds_are_read_through_staging(project):
    manifest = project.parse()
    read = {
        (seed.name, Path(seed.original_file_path).parts[1], place(node)[1])
        for node in manifest.nodes.values()
        if node.resource_type == "model" and place(node)[0] != "staging"
        for code in node.depends_on.nodes
        if (seed := manifest.nodes.get(code)) and seed.resource_type == "seed"
    }
    allowed = {
        (seed, folder, reader)
        for seed, folder, reader in read
        for seeds, readers, _ in SEEDS_READ_DIRECTLY
        if seeds & {seed, folder} and (readers is None or reader in readers)
    }
    assert read == allowed
    listed = set().union(*(seeds for seeds, _, _ in SEEDS_READ_DIRECTLY))
    assert listed <= {name for seed, folder, _ in read for name in (seed, folder)}


def test_yaml_files_of_models_are_named_after_their_folder():
    for top in ("models", "python_models"):
        for path in (PROJECT / top).rglob("_*.yml"):
            kinds = [f"_{path.parent.name}__{kind}.yml" for kind in ("models", "unit_tests")]
            assert path.name in kinds


# Models and seeds without a key test, by the reason.
VIEWS_OF_ALL_CELLS = {
    *("int_index__cells", "int_index__shares", "int_index__standardized"),
    *("int_observations__typed", "int_quality__pairs", "int_quality__values"),
}
"""A key test would read every cell again: a unit test instead."""

INPUT_SEEDS = {
    *("index_indicators", "index_nodes", "indicators", "indices", "panel_blocks", "panel_specs"),
    *("panel_variables", "units"),
}
"""The input gate tests the keys of the input tables, the user's or these."""

AGENCY_SEEDS = {
    *("nbs", "synthetic_cei_categories", "synthetic_cei_indicators", "synthetic_cnnic"),
    *("synthetic_miit", "synthetic_mofcom", "synthetic_most", "synthetic_ncisp", "synthetic_pboc"),
    "synthetic_pkulaw",
}
"""Every cell is an observation, and the input gate finds repeated observations."""

OBSERVATIONS = {"int_observations__accepted", "int_observations__csv", "int_observations__read"}
"""The input gate finds repeated observations without reading all of them a second time."""

LISTS_OF_FAULTS = {
    *("input_warnings", "int_input__catalog_violations", "int_input__index_violations"),
    *("int_input__judgement_violations", "int_input__observation_violations"),
    *("int_input__panel_violations", "int_input__pca_violations"),
    *("int_input__period_violations", "int_input__period_warnings"),
    *("int_input__policy_violations", "int_input__violations", "int_input__warning_violations"),
    *("int_coverage__violations", "int_credit__violations", "stg_input__faults"),
}
"""Messages. One that is listed twice does no harm."""

COLUMNS_OF_ANOTHER = {"quarantined_observations": "int_observations__quarantined"}
"""The other model has the same rows, with the key."""


def has_key(node) -> bool:
    given = getattr(node, "test_metadata", None)  # singular tests have none
    return given is not None and (given.name == "unique" or bool(given.kwargs.get("keys")))


def test_every_model_and_seed_has_a_key_test(project):
    manifest = project.parse()
    nodes = {
        code: node.name
        for code, node in manifest.nodes.items()
        if node.resource_type in ("model", "seed")
    }
    keyed = {
        nodes[node.attached_node]
        for node in manifest.nodes.values()
        if has_key(node) and node.attached_node in nodes
    }
    exceptions = (
        *(VIEWS_OF_ALL_CELLS, INPUT_SEEDS, AGENCY_SEEDS, OBSERVATIONS, LISTS_OF_FAULTS),
        COLUMNS_OF_ANOTHER.keys(),
    )
    unkeyed, listed = set(nodes.values()) - keyed, set().union(*exceptions)
    assert unkeyed <= listed, (
        "Give these a key test in the YAML file of their folder (models/staging/input/"
        "_input__models.yml for an input table), or list them above with the reason"
    )
    assert listed <= unkeyed, "These have a key test; take them out of the lists above"
    unit_tested = {test.model for test in manifest.unit_tests.values()}
    assert unit_tested >= VIEWS_OF_ALL_CELLS
    assert keyed >= set(COLUMNS_OF_ANOTHER.values())


def test_a_repeated_row_of_a_seed_is_an_input_violation(runner, seeded_warehouse, tmp_path):
    warehouse = tmp_path / "credit_indices.duckdb"
    shutil.copy(seeded_warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        for schema, seeds in (("catalog", INPUT_SEEDS), ("raw", AGENCY_SEEDS)):
            for seed in seeds:
                table = f"{schema}.{seed}"
                connection.execute(f"insert into {table} select * from {table} limit 1")
    result = runner.run(warehouse, runner.select("+int_input__violations"))
    found = result.query(
        "select distinct source_file from intermediate.int_input__violations "
        "where rule in ('key_is_unique', 'observation_is_unique')"
    )
    assert {Path(file).stem for (file,) in found} == INPUT_SEEDS | AGENCY_SEEDS


def test_valid_rows_names_each_broken_rule(project, shipped, tmp_path):
    warehouse = tmp_path / "credit_indices.duckdb"
    shutil.copy(shipped.warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("""
            create or replace table intermediate.int_policy__printed_coefficients as
            select * from (values
                ('a', 'A', 1.5), ('b', 'B', null), ('c', 'C', null), ('d', 'D', 2.5),
                ('d', 'E', 2.5), (null, 'F', 3.5)
            ) as invented (coefficient_code, coefficient_source, coefficient);
            update intermediate.int_periods__codes set coding = 'day''s' where period = 2013;
            update intermediate.int_input__gate set n_violations = 3;
        """)
    tables = ("int_policy__printed_coefficients", "int_periods__codes", "int_input__gate")
    result = project.invoke(
        warehouse, "test", "--select", *tables, "--exclude-resource-type", "unit_test"
    )
    assert not result.succeeded
    assert result.message.count("of its test valid_rows") == 3
    for line in (
        "intermediate.int_policy__printed_coefficients breaks 3 rule(s) of its test valid_rows.",
        "  - keys: coefficient_code is not unique: 2 row(s); first: "
        '{"coefficient_code":"d","n_rows":2}',
        '  - not_null: coefficient is NULL: 2 row(s); first: {"coefficient_code":"b",'
        '"coefficient_source":"B","coefficient":null}',
        '  - not_null: coefficient_code is NULL: 1 row(s); first: {"coefficient_code":null,'
        '"coefficient_source":"F","coefficient":3.5}',
        "  - accepted_values: coding is none of year, half_year, quarter, month, date, integer: "
        '1 row(s); first: {"period":2013,',
        '  - accepted_values: n_violations is none of 0: 1 row(s); first: {"n_violations":3}',
    ):
        assert line in result.message


def test_another_project_uses_the_macros(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: mine\nprofile: credit_indices\n")
    (tmp_path / "packages.yml").write_text(f"packages:\n  - local: {PROJECT}\n")
    (tmp_path / "models" / "rounded.sql").write_text(
        "select {{ credit_indices.significant_digits('2e0 / 3', 3) }} as two_thirds,\n"
        "    {{ credit_indices.allowed_value_or_null('indices.frame', \"'rolling'\") }} as unknown"
    )
    shutil.copy(PROJECT / "profiles" / "profiles.yml", tmp_path)
    warehouse = tmp_path / "mine.duckdb"
    places = {"folder": tmp_path / "out", "start": tmp_path, "CREDIT_INDICES_DB": str(warehouse)}
    assert dbt("deps", **places).returncode == 0
    run = dbt("run", "--select", "rounded", **places)
    assert run.returncode == 0, run.stdout
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute("from main.rounded").fetchall() == [(0.667, None)]


def test_dbt_elsewhere_names_the_missing_warehouse(tmp_path):
    where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    run = dbt(
        *("show", "--inline", "select 1 as x", *where),
        folder=tmp_path,
        start=tmp_path,
        CREDIT_INDICES_DB="warehouse/credit_indices.duckdb",
    )
    assert run.returncode != 0
    assert "is relative, and" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_part_is_not_built_or_tested_with_other_data(project, shipped, small, tmp_path):
    warehouse = tmp_path / "credit_indices.duckdb"
    shutil.copy(shipped.warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create schema state; "
            "create table state.folder as select null::varchar as path, false as is_mixed"
        )
    folder = small.write(tmp_path / "mine")
    for command in ("run", "test"):
        result = project.invoke(warehouse, command, "--select", "index_scores", data_dir=folder)
        assert not result.succeeded
        assert "was built from the shipped data; this run uses the data in" in result.message
        assert "Nothing was run" in result.message
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update state.folder set path = ?", [str(folder)])
    result = project.invoke(warehouse, "test", "--select", "index_scores")
    assert f"--vars '{{data_dir: {folder}}}'" in result.message
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update state.folder set is_mixed = true")
    result = project.invoke(warehouse, "run", "--select", "index_scores", data_dir=folder)
    assert "so some tables still hold other data" in result.message


@pytest.mark.parametrize(
    ("schema", "expected"), [("main", "marts"), ("dev", "dev_marts"), ("prod", "prod_marts")]
)
def test_profile_schema_prefixes_the_projects_schemas(schema, expected, project):
    source = (PROJECT / "macros/warehouse/generate_schema_name.sql").read_text(encoding="utf-8")
    template = get_environment().from_string(source, {"target": {"schema": schema}})
    macro = template.module.dbt_macro__generate_schema_name
    assert macro("marts", None).strip() == expected
    assert macro(None, None).strip() == schema


@pytest.mark.parametrize(("extra_bytes", "expected"), [(0, 1), (ONE_THREAD_BELOW, None)])
def test_small_input_gets_one_thread(extra_bytes, expected, small, tmp_path):
    folder = small.write(tmp_path)
    assert threads.for_input("") == 1
    assert threads.for_input(str(folder / "absent")) == 1
    (folder / "notes.txt").write_bytes(b"x")
    os.truncate(folder / "notes.txt", ONE_THREAD_BELOW)  # not an input table
    parts = folder / "enterprise_events" / "day=1"
    parts.mkdir(parents=True)
    (parts / "part.parquet").write_bytes(b"x")
    os.truncate(parts / "part.parquet", extra_bytes)
    assert threads.for_input(str(folder)) == expected


@pytest.mark.parametrize(("setting", "expected"), [("", {"threads": 1}), ("3", {"threads": "3"})])
def test_threads_setting_overrides_the_default(setting, expected):
    config = {"threads": setting, "memory_limit": ""}
    credentials = SimpleNamespace(path=":memory:")
    with environment(CREDIT_INDICES_DATA_DIR=""):
        Plugin.update_connection_config(None, credentials, config)
    assert config == expected


def test_staging_models_of_input_tables_describe_all_columns(project, runner):
    described = {node.name: set(node.columns) for node in project.parse().nodes.values()}
    for name, table in json.loads(runner.rendered("{{ input_tables() | tojson }}")).items():
        if name != "observations":  # read by int_observations__read
            columns = {
                *table["required"],
                *table["optional"],
                "origin",
                "source_file",
                "source_row",
            }
            assert described[f"stg_input__{name}"] == columns, (
                f"_input__models.yml: describe all columns of stg_input__{name}"
            )


def test_texts_are_joined_with_concat_ws():
    """concat of a NULL part is NULL on Spark, and skips it on DuckDB."""
    files = [path for top in ("models", "macros") for path in (PROJECT / top).rglob("*.sql")]
    with_concat = [
        str(path.relative_to(PROJECT))
        for path in files
        if re.search(r"(?<![\w.])concat\(", path.read_text(encoding="utf-8"))
    ]
    assert len(files) > 300
    assert with_concat == []


# Value and literal, which pyspark 4.3.0 read as this value.
SPARK_LITERALS = {
    "it's": r"'it\'s'",
    r"a\b": r"'a\\b'",
    "x\\": r"'x\\'",
    r"it\' or 1=1 --": r"'it\\\' or 1=1 --'",
    r"\u0041 \n 中文": r"'\\u0041 \\n 中文'",
}


@pytest.mark.parametrize("value", SPARK_LITERALS)
def test_literals_escape_values_on_each_engine(runner, value):
    template = "{{ %s(" + json.dumps(value) + ") }}"
    assert runner.rendered(template % "spark__sql_text") == SPARK_LITERALS[value]
    with duckdb.connect() as connection:
        literal = runner.rendered(template % "sql_text")
        assert connection.execute(f"select {literal}").fetchone() == (value,)


def test_names_of_tests_have_at_most_60_characters():
    functions = "\n".join(
        path.read_text(encoding="utf-8") for path in (PROJECT / "tests").rglob("test_*.py")
    )
    unit_tests = "\n".join(
        path.read_text(encoding="utf-8") for path in (PROJECT / "models").rglob("*__unit_tests.yml")
    )
    names = re.findall(r"(?m)^def (test_\w+)", functions)
    names += re.findall(r"(?m)^  - name: (\w+)", unit_tests)
    assert len(names) > 1000
    assert [name for name in names if len(name) > 60] == []

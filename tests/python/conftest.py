"""Fixtures: small folders of input tables, built in this process like a user's folder."""

import copy
import csv
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from ingest_folder import Folder

from credit_indices.pipeline import manifest_cache
from credit_indices.pipeline.runner.project import load_project
from credit_indices.pipeline.runner.render import CompilationError, Renderer
from credit_indices.pipeline.runner.run import Run, ancestors

PROJECT = Path(__file__).parents[2]

INDEX_COLUMNS = (
    "index_code,name_en,name_zh,normalization,score_base,score_span,frame,weighting,aggregation"
)


def rows(text: str) -> list[dict[str, str]]:
    """Parse a table written as CSV lines in a test."""
    return list(csv.DictReader(line.strip() for line in text.strip().splitlines()))


def is_claim(node: dict) -> bool:
    """Whether a model is about the claims of the papers, which do not read the user's folder."""
    return node["name"] in (
        "claim_results",
        "published_claims",
        "published_location_tests",
        "published_t_tests",
    )


def is_warning(node: dict) -> bool:
    """Whether a model is part of the early warning or its laboratory, which have separate tests."""
    if node["name"] in ("quarantined_events", "int_warnings__day") or "laboratory" in node["fqn"]:
        return True
    return node["fqn"][1:3] in (
        ["intermediate", "warnings"],
        ["marts", "warnings"],
        ["marts", "privacy"],
    )


CREDIT = {
    "credit_model_results",
    "int_credit__features",
    "int_credit__frame",
    "int_credit__index_values",
    "int_credit__loans",
    "int_credit__values",
}


def is_credit(node: dict) -> bool:
    """Whether a model estimates credit risk; it needs those of `is_warning`."""
    return node["name"] in CREDIT or node["fqn"][1:3] == ["marts", "credit"]


def is_coverage(node: dict) -> bool:
    """Whether a model counts coverage or compares ratings; it needs those of `is_warning`."""
    return "coverage" in node["fqn"][1:3] or node["name"] == "quarantined_coverage"


def is_neighbours(node: dict) -> bool:
    """Whether a model is about links between enterprises; it needs those of `is_warning`."""
    return node["name"] == "quarantined_links" or "neighbours" in node["fqn"]


def is_quality(node: dict) -> bool:
    """Whether a model checks data quality; the gate reads the results for the seeds."""
    return (
        node["name"] == "data_quality_results"
        or (node["name"].startswith("int_quality__") and node["name"] != "int_quality__gate")
        or node["fqn"][1] in ("quality", "index_quality")
    )


BUILT = {"build", "project", "runner", "seeded_warehouse", "shipped"}
"""Fixtures that build a warehouse or start dbt."""


LONGEST = (
    "test_runner.py",
    "test_input_faults.py",
    "test_data_quality.py",
    "test_index_engine.py",
    "test_build_command.py",
    "test_dbt_project.py",
    "test_ingest_world.py",
)
"""Files that take minutes start first, so that no worker waits for them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make test-fast` leaves out, and put the longest files first."""
    for item in items:
        if BUILT & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    items.sort(key=lambda item: item.path.name not in LONGEST)


def parsed(arguments: list[str]) -> Manifest:
    """Run dbt parse; raise its error if it fails."""
    result = dbtRunner().invoke(arguments)
    if result.exception:
        raise result.exception
    return result.result


@dataclass
class DataDir:
    """A folder of input tables; `tables` holds rows, `files` whole files as bytes."""

    tables: dict[str, list[dict]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def copy(self) -> "DataDir":
        return copy.deepcopy(self)

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, list(table[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(table)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder


@dataclass
class Build:
    """Result of a dbt invocation: its messages and its warehouse."""

    succeeded: bool
    message: str
    warehouse: Path

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def value(self, sql: str):
        return self.query(sql)[0][0]


@contextmanager
def environment(**variables: str):
    """Set environment variables during a block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def claims_of(build: Build, paper: str) -> dict[str, list]:
    """Published, recomputed, lower, upper, verdict and explanation by the claim's short code."""
    found = build.query(f"""
        select claim_code, published, recomputed, "lower", "upper", verdict, explanation
        from marts.published_claims where starts_with(claim_code, '{paper}_')
    """)
    return {code.removeprefix(f"{paper}_"): rest for code, *rest in found}


def dbt(*arguments: str, folder: Path, start: Path = PROJECT, **variables: str):
    """Run the dbt command as a user does, its output below `folder`."""
    places = {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder)}
    places |= {"DBT_LOG_LEVEL_FILE": "warn"}
    return subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), *arguments],
        cwd=start,
        env=os.environ | places | {"CREDIT_INDICES_DATA_DIR": ""} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


class Project:
    """Runs dbt in this process; parses the project once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: Manifest | None = None

    def invoke(self, warehouse: Path, *arguments: str, data_dir: Path | None = None) -> Build:
        result = self._invoke(warehouse, *arguments, data_dir=data_dir)
        messages = [] if result.exception is None else [str(result.exception)]
        for node in getattr(result.result, "results", None) or []:
            if node.status in ("error", "fail"):
                messages.append(str(node.message))
        return Build(result.success, "\n".join(messages), warehouse)

    def parse(self) -> Manifest:
        """Return the manifest of the project, parsed once for all tests."""
        if self.manifest is None:
            places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
            with environment(CREDIT_INDICES_DB=str(self.folder / "credit_indices.duckdb")):
                self.manifest, _ = manifest_cache.load_or_parse(
                    PROJECT,
                    "credit_indices",
                    "",
                    lambda: parsed(["parse", "--log-level", "none", *places]),
                )
        return self.manifest

    def compiled(self, warehouse: Path) -> dict[str, str]:
        """Compile every node that is SQL, by its unique id."""
        result = self._invoke(warehouse, "compile")
        return {
            found.node.unique_id: found.node.compiled_code
            for found in result.result.results
            if found.node.resource_type in ("model", "test")
        }

    def _invoke(self, warehouse: Path, *arguments: str, data_dir: Path | None = None):
        # No log or manifest is needed per test.
        fixed = ["--log-level", "none", "--log-level-file", "none", "--no-write-json"]
        fixed += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        fixed += ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder)]
        if "--threads" not in arguments:
            fixed += ["--threads", "1"]  # faster than two threads that compete
        with environment(
            CREDIT_INDICES_DB=str(warehouse),
            CREDIT_INDICES_DATA_DIR=str(data_dir or ""),
            CREDIT_INDICES_DATA_DOCS=str(self.folder / "data_docs"),
        ):
            gc.disable()  # as the build command does
            try:
                result = dbtRunner(manifest=self.parse()).invoke([*arguments, *fixed])
            finally:
                gc.enable()
        if DuckDBConnectionManager._ENV is not None:
            # dbt keeps its connection open; close it so that tests can read and copy the warehouse.
            DuckDBConnectionManager.env().close()
            DuckDBConnectionManager.close_all_connections()
        return result


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Project:
    return Project(tmp_path_factory.mktemp("project"))


class Runner:
    """Runs nodes of the project without dbt."""

    def __init__(self, project: dict, cache: Path) -> None:
        self.project, self.cache = project, cache

    def run(
        self,
        warehouse: Path,
        codes: Iterable[str],
        data_dir: Path | None = None,
        *,
        full_refresh: bool = False,
        **variables,
    ) -> Build:
        """Build nodes by their unique ids, in a warehouse that holds their other inputs."""
        nodes, messages = self.project["nodes"], []
        settings = self.project | {"vars": self.project["vars"] | variables}
        with environment(CREDIT_INDICES_DATA_DOCS=str(warehouse.parent / "data_docs")):
            run = Run(
                settings, PROJECT, warehouse, data_dir, cache=self.cache, full_refresh=full_refresh
            )
            try:
                run.check_settings()
                for code, fault in run.run(codes).faults.items():
                    messages.append(f"Error in {nodes[code]['name']}\n{fault}")
            except CompilationError as error:
                messages.append(str(error))
            finally:
                run.close()
        return Build(not messages, "\n".join(messages), warehouse)

    def select(self, *patterns: str, kinds: tuple[str, ...] = ("model",)) -> set[str]:
        """Return nodes by name (*: any), with ancestors (+name), or by folder (a.b.c)."""
        found = set()
        for pattern in patterns:
            name = pattern.removeprefix("+")
            named = {
                code
                for code, node in self.project["nodes"].items()
                if fnmatch(node["name"], name) or ".".join(node["fqn"]).startswith(f"{name}.")
            }
            assert named, f"No node is called {name}."
            found |= ancestors(self.project, named) if pattern != name else named
        return {code for code in found if self.project["nodes"][code]["resource_type"] in kinds}

    def rendered(self, template: str) -> str:
        """Render a template that belongs to no node."""
        with duckdb.connect() as connection:
            return Renderer(self.project, connection, None, self.cache).text(template)


@pytest.fixture(scope="session")
def runner() -> Runner:
    cache = PROJECT / "target" / "cache"
    return Runner(load_project(PROJECT, cache), cache)


@pytest.fixture(scope="session")
def seeded_warehouse(runner, tmp_path_factory) -> Path:
    """A warehouse with the seeds, and the quality results of the shipped data."""
    warehouse = tmp_path_factory.mktemp("seeded") / "credit_indices.duckdb"
    build = runner.run(warehouse, runner.select("credit_indices", kinds=("seed",)))
    assert build.succeeded, build.message
    judged = warehouse.parent / "judged" / warehouse.name
    judged.parent.mkdir()
    shutil.copy(warehouse, judged)
    build = runner.run(judged, runner.select("+raw_data_quality"))
    assert build.succeeded, build.message
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"attach '{judged}' as judged (read_only); create schema intermediate")
        connection.execute(
            "create table intermediate.raw_data_quality as "
            "from judged.intermediate.raw_data_quality"
        )
    return warehouse


@pytest.fixture
def build(runner, seeded_warehouse, tmp_path, request):
    """Run all models on a folder of input tables, or with `command="build"` their tests too.

    The runner builds them; test_runner.py compares it with dbt. The seeds are loaded already. To
    save time, `command="run"` skips the claims of the papers unless requested, the early warning,
    the models of credit risk, the coverage and the data quality results. For tests marked with
    `marts(...)`, it builds only these marts and their ancestors; with `tested=True` also under
    `command="build"`, with the tests that need nothing else.
    """
    marked = request.node.get_closest_marker("marts")

    def run(
        data: DataDir | Path | None,
        folder_name: str = "data",
        command: str = "run",
        *,
        claims: bool = False,
    ) -> Build:
        warehouse = tmp_path / "warehouse" / "credit_indices.duckdb"
        warehouse.parent.mkdir(exist_ok=True)
        shutil.copy(seeded_warehouse, warehouse)
        folder = data.write(tmp_path / folder_name) if isinstance(data, DataDir) else data
        nodes = runner.project["nodes"]
        kinds = ("model",) if command == "run" else ("model", "test")
        codes = runner.select("credit_indices", kinds=kinds)
        if marked and (command == "run" or marked.kwargs.get("tested")):
            made = ancestors(runner.project, runner.select(*marked.args))
            codes = {
                code
                for code in codes
                if made.issuperset(
                    nodes[code]["depends_on"] if nodes[code]["resource_type"] == "test" else [code]
                )
            }
        if command == "run":
            left_out = [is_quality, is_warning, is_credit, is_coverage, is_neighbours]
            left_out += [] if claims else [is_claim]
            codes = {code for code in codes if not any(is_(nodes[code]) for is_ in left_out)}
        return runner.run(warehouse, codes, folder)

    return run


@pytest.fixture(scope="session")
def shipped(runner, seeded_warehouse, tmp_path_factory) -> Build:
    """The warehouse of the shipped data, all models built."""
    warehouse = tmp_path_factory.mktemp("shipped") / "credit_indices.duckdb"
    shutil.copy(seeded_warehouse, warehouse)
    codes = runner.select("credit_indices")
    build = runner.run(warehouse, codes)
    assert build.succeeded, build.message
    return build


@pytest.fixture
def small() -> DataDir:
    """Three units, two periods, an index of three indicators in two nodes; everything is valid."""
    observations = [
        {"unit_id": unit, "period": period, "indicator_code": code, "value": value}
        for code, values in {
            "cable": (1, 2, 4, 3, 5, 8),
            "patents": (10, 0, 30, 20, 50, 5),
            "bad_loans": (3, 2.5, 2, 1.5, 4, 1),
        }.items()
        for (unit, period), value in zip(
            [(unit, period) for period in (2019, 2020) for unit in "abc"], values, strict=True
        )
    ]
    return DataDir(
        {
            "observations": observations,
            "units": rows("""
                unit_id,name_en,name_zh,region
                a,Alpha,甲,north
                b,Beta,乙,north
                c,Gamma,丙,south
            """),
            "indicators": rows("""
                indicator_code,name_en,name_zh,unit,source_agency,data_origin,lower_bound,upper_bound,missing_policy
                cable,Cable,光缆,km,test,user,0,,fail
                patents,Patents,专利,count,test,user,0,,fail
                bad_loans,Bad loans,不良贷款率,percent,test,user,0,100,fail
            """),
            "indices": rows(f"""
                {INDEX_COLUMNS}
                test,Test index,测试,min_max,,,pooled,entropy,weighted_share
            """),
            "index_nodes": rows("""
                index_code,node_code,parent_code,name_en,name_zh,fixed_weight
                test,test,,Test,测试,
                test,base,test,Base,基础,2
                test,risk,test,Risk,风险,3
            """),
            "index_indicators": rows("""
                index_code,indicator_code,node_code,direction
                test,cable,base,1
                test,patents,base,1
                test,bad_loans,risk,-1
            """),
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a folder of files to ingest, and one to write to."""
    return Folder(tmp_path)

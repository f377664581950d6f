"""Small folders of input tables, built by dbt in this process, as a user's folder would be."""

import copy
import csv
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from ingest_folder import Folder

PROJECT = Path(__file__).parents[2]

INDEX_COLUMNS = (
    "index_code,name_en,name_zh,normalization,score_base,score_span,frame,weighting,aggregation"
)


def rows(text: str) -> list[dict[str, str]]:
    """Parse a table written as CSV lines in a test."""
    return list(csv.DictReader(line.strip() for line in text.strip().splitlines()))


CLAIMS = (
    "credit_indices.intermediate.claims",
    "published_claims",
    "published_location_tests",
    "published_t_tests",
)
WARNINGS = (
    "credit_indices.intermediate.warnings",
    "credit_indices.marts.warnings",
    "credit_indices.marts.privacy",
    "quarantined_events",
)
QUALITY = ("int_quality__[!g]*", "credit_indices.quality", "data_quality_results")


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
    """What a dbt invocation left: its messages and its warehouse."""

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
    """Environment variables for the time of a block."""
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


class Project:
    """Runs dbt in this process, the project parsed once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = None

    def invoke(self, warehouse: Path, *arguments: str, data_dir: Path | None = None) -> Build:
        fixed = [
            "--log-level",
            "none",
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
        ]
        fixed += ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder)]
        fixed.append("--no-write-json")  # nobody reads a manifest per test
        messages = []

        def keep_inline_error(event) -> None:
            # Of a faulty inline statement the exception says only that there is a fault.
            if event.info.name == "ParseInlineNodeError":
                messages.append(event.info.msg)

        if "--threads" not in arguments:
            fixed += ["--threads", "1"]  # faster than two threads that wait for each other
        with environment(
            CREDIT_INDICES_DB=str(warehouse),
            CREDIT_INDICES_DATA_DIR=str(data_dir or ""),
            CREDIT_INDICES_DATA_DOCS=str(self.folder / "data_docs"),
        ):
            if self.manifest is None:
                self.manifest = dbtRunner().invoke(["parse", *fixed]).result
            dbt = dbtRunner(manifest=self.manifest, callbacks=[keep_inline_error])
            result = dbt.invoke([*arguments, *fixed])
        if DuckDBConnectionManager._ENV is not None:
            # dbt keeps its connection for the process; the warehouse is to be read and copied.
            DuckDBConnectionManager.env().close()
            DuckDBConnectionManager.close_all_connections()
        if result.exception is not None:
            messages.append(str(result.exception))
        for node in getattr(result.result, "results", None) or []:
            if node.status in ("error", "fail"):
                messages.append(str(node.message))
        return Build(result.success, "\n".join(messages), warehouse)


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Project:
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def seeded_warehouse(project) -> Path:
    warehouse = project.folder / "seeded" / "credit_indices.duckdb"
    warehouse.parent.mkdir()
    build = project.invoke(warehouse, "seed")
    assert build.succeeded, build.message
    judged = project.folder / "judged" / warehouse.name
    judged.parent.mkdir()
    shutil.copy(warehouse, judged)
    build = project.invoke(judged, "run", "--select", "+raw_data_quality")
    assert build.succeeded, build.message
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"attach '{judged}' as judged (read_only); create schema intermediate")
        connection.execute(
            "create table intermediate.raw_data_quality as "
            "from judged.intermediate.raw_data_quality"
        )
    return warehouse


@pytest.fixture
def build(project, seeded_warehouse, tmp_path, request):
    """Run all models on a folder of input tables, or with `command="build"` their tests too.

    The seeds are loaded already. To save time, `command="run"` leaves out the claims of the papers,
    which take nothing from the folder, unless asked for, the early warning, which has tests of its
    own, and the judgement of the data quality, whose gate finds that of the shipped data. Where
    tests are marked with `marts(...)`, it makes these and what they come from; where the mark says
    `tested=True`, `command="build"` too, with the tests that ask nothing else.
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
        kinds = [] if command == "run" else ["--exclude-resource-type", "unit_test", "seed"]
        if marked and (command == "run" or marked.kwargs.get("tested")):
            kinds += ["--select", *(f"+{mart}" for mart in marked.args)]
            kinds += ["--indirect-selection", "cautious"]
        if command == "run":
            kinds += ["--exclude", *QUALITY, *WARNINGS, *(() if claims else CLAIMS)]
        return project.invoke(warehouse, command, *kinds, data_dir=folder)

    return run


@pytest.fixture(scope="session")
def shipped(project, seeded_warehouse, tmp_path_factory) -> Build:
    """The warehouse of the shipped data, all models built."""
    warehouse = tmp_path_factory.mktemp("shipped") / "credit_indices.duckdb"
    shutil.copy(seeded_warehouse, warehouse)
    build = project.invoke(warehouse, "run")
    assert build.succeeded, build.message
    return build


@pytest.fixture
def small() -> DataDir:
    """Three units, two periods, an index of three indicators in two nodes; everything is sound."""
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

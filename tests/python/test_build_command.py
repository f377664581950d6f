"""`python -m credit_indices build`, as a user runs it: output, files and errors."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT

from credit_indices.early_warning import state_file
from credit_indices.pipeline.build import BuildError, build
from credit_indices.pipeline.lock import hold
from credit_indices.pipeline.publish import publish

pytestmark = pytest.mark.slow


@pytest.fixture
def command(tmp_path):
    """Run the command with a separate warehouse."""
    warehouse = tmp_path / "home" / "credit_indices.duckdb"

    def run(data_dir=None, *options: str) -> subprocess.CompletedProcess:
        arguments = [*options, "--data-dir", str(data_dir)] if data_dir else options
        environment = {**os.environ, "CREDIT_INDICES_DB": str(warehouse)}
        environment["DBT_TARGET_PATH"] = str(tmp_path / "target")
        environment["DBT_LOG_PATH"] = str(tmp_path / "logs")
        environment.pop("CREDIT_INDICES_DATA_DIR", None)
        environment.pop("CREDIT_INDICES_PARTS", None)
        return subprocess.run(
            [sys.executable, "-m", "credit_indices", "build", *arguments],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.warehouse = warehouse
    return run


@contextmanager
def another_process(script: str, warehouse: Path) -> Iterator[subprocess.Popen]:
    """A Python process that has opened the warehouse given as its argument."""
    with subprocess.Popen(
        [sys.executable, "-c", f"import duckdb, sys; {script}", str(warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "open\n"
        yield process


def units_of(warehouse) -> set[str]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute("select distinct unit_id from marts.index_scores").fetchall()
    return {unit for (unit,) in found}


def assert_public_tables_are_as_documented(warehouse) -> None:
    """Every documented column exists with its type; marts of parts that did not run are empty."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        differ = connection.execute(
            "select * from marts.data_dictionary as documented full join ("
            "  select schema_name, table_name, column_name, data_type from duckdb_columns()"
            "  where schema_name in ('marts', 'quality')"
            ") as found on schema_name = table_schema "
            "and found.table_name = documented.table_name "
            "and found.column_name = documented.column_name "
            "and found.data_type = upper(documented.data_type) "
            "where found.column_name is null or documented.column_name is null"
        ).fetchall()
        tables = connection.execute(
            "select distinct table_schema || '.' || table_name from marts.data_dictionary"
        ).fetchall()
        filled = {
            table
            for (table,) in tables
            if connection.execute(f"select exists (from {table})").fetchone()[0]
        }
    assert differ == []
    assert filled == {
        "marts.build_info",
        "marts.data_dictionary",
        "marts.data_sources",
        "marts.index_node_scores",
        "marts.index_periods",
        "marts.index_scores",
        "marts.index_weights",
        "quality.data_quality_results",
    }


def test_build_replaces_the_warehouse_only_on_success(command, small, tmp_path):
    command.warehouse.parent.mkdir()
    with duckdb.connect(str(command.warehouse)) as connection:
        connection.execute("create table kept as select 1 as x")
    script = (
        "connection = duckdb.connect(sys.argv[1], read_only=True); "
        "print('open', flush=True); sys.stdin.readline(); "
        "print(connection.execute('select x from kept').fetchone()[0], flush=True)"
    )
    with another_process(script, command.warehouse) as reader:
        good = command(small.write(tmp_path / "good"))
        assert good.returncode == 0, good.stdout + good.stderr
        reader.stdin.write("\n")
        reader.stdin.close()
        assert reader.stdout.readline() == "1\n"  # a reader is not interrupted
    assert "test: 6 scores, 3 units, 2019-2020, user data" in good.stdout
    assert "0 observation(s) quarantined" in good.stdout
    assert "Parts: index. Left empty: coverage, credit_models, cross_check, laborat" in good.stdout
    stages = re.findall(r"(?m)^  ([A-Z][a-z]+).* \(\d+\.\d s\)$", good.stdout)
    assert stages == ["Checked", "Loaded", "Read", "Computed"]
    assert re.search(r"(?m)^  Built \d+ models, passed \d+ data tests$", good.stdout)
    assert units_of(command.warehouse) == {"a", "b", "c"}
    assert_public_tables_are_as_documented(command.warehouse)
    assert command.warehouse.stat().st_mode & 0o777 == 0o600
    before = command.warehouse.read_bytes()

    small.tables["index_indicators"][0]["direction"] = "0"
    bad = command(small.write(tmp_path / "bad"))
    printed = bad.stdout + bad.stderr
    assert "Read the project" not in printed  # its manifest was kept
    assert bad.returncode == 1
    assert printed.count("index_indicators.csv row 2: direction '0' must be 1") == 1
    assert "credit_indices.duckdb is unchanged" in printed
    assert "Traceback" not in printed
    assert command.warehouse.read_bytes() == before
    (candidate,) = (command.warehouse.parent / "candidate").glob("*.duckdb")
    assert candidate.stat().st_mode & 0o777 == 0o600

    missing = command(tmp_path / "nowhere")
    assert missing.returncode == 1
    assert "nowhere' does not exist" in missing.stderr
    assert "Traceback" not in missing.stdout + missing.stderr


@pytest.mark.parametrize("target", [build, publish])
def test_unknown_full_refresh_is_refused(target, tmp_path, monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("CREDIT_INDICES_DB", str(tmp_path / "home" / "credit_indices.duckdb"))
    monkeypatch.setenv("FULL_REFRESH", "0")
    with pytest.raises(BuildError, match="FULL_REFRESH=0 is unknown"):
        target(None)
    assert not (tmp_path / "home").exists()


def test_unknown_parts_are_refused(command):
    result = command(None, "--parts", "index,pannel")
    assert result.returncode == 1
    assert "PARTS: unknown part 'pannel'. Did you mean panel? The parts are index," in result.stderr
    assert not command.warehouse.exists()


def test_kept_events_select_the_part_warnings(command, small, tmp_path, monkeypatch):
    monkeypatch.setenv("CREDIT_INDICES_PSEUDONYM_KEY", "a secret of 16 or more")
    folder = small.write(tmp_path / "data")
    for table in ("enterprises", "enterprise_events", "enterprise_consents"):
        seed = PROJECT / "seeds" / "enterprises" / f"synthetic_{table}.csv"
        shutil.copy(seed, folder / f"{table}.csv")
    first = command(folder)
    assert "Parts: index, warnings. Left empty" in first.stdout
    assert "  enterprises on 2021-12-31: " in first.stdout
    counts = "select (select count(*) from events), (select count(*) from alert_log)"
    state = state_file.path_beside(command.warehouse)
    assert state.stat().st_mode & 0o777 == 0o600
    with duckdb.connect(str(state), read_only=True) as connection:
        events, entries = connection.execute(counts).fetchone()
    assert events > 4000 and entries > 50
    second = command(folder, "--parts", "index")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "Parts: index, warnings. Left empty" in second.stdout
    with duckdb.connect(str(state), read_only=True) as connection:
        assert connection.execute(counts).fetchone() == (events, entries)
    other = command(None)
    assert other.returncode == 1
    assert f"{state} keeps {events} event(s) of earlier builds from {folder}" in other.stderr


def test_warehouse_open_elsewhere_is_refused(command, small, tmp_path):
    command.warehouse.parent.mkdir()
    script = (
        "connection = duckdb.connect(sys.argv[1]); "
        "connection.execute('create table kept as select 1 as x'); "
        "print('open', flush=True); sys.stdin.read()"
    )
    with another_process(script, command.warehouse) as holder:
        result = command(small.write(tmp_path / "data"))
        holder.stdin.close()
    assert result.returncode == 1
    assert "is open in another process" in result.stderr
    assert f"PID {holder.pid}" in result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    with duckdb.connect(str(command.warehouse), read_only=True) as connection:
        assert connection.execute("select x from kept").fetchall() == [(1,)]


@pytest.mark.parametrize("name", ["Quality", "state"])
def test_warehouse_with_the_name_of_a_schema_is_refused(monkeypatch, tmp_path, name):
    warehouse = tmp_path / f"{name}.duckdb"
    monkeypatch.setenv("CREDIT_INDICES_DB", str(warehouse))
    monkeypatch.chdir(PROJECT)
    with pytest.raises(BuildError, match=f"a schema .* has the name {name.lower()}, so"):
        build()
    assert not list(tmp_path.iterdir())


def test_file_that_is_no_warehouse_is_not_overwritten(command):
    command.warehouse.parent.mkdir()
    command.warehouse.write_bytes(b"something else" * 500)
    result = command()
    assert result.returncode == 1
    assert "cannot be opened as a DuckDB file" in result.stderr
    assert command.warehouse.read_bytes() == b"something else" * 500


def test_a_second_build_at_once_is_refused(command):
    lock = command.warehouse.parent / "candidate" / "credit_indices.duckdb.lock"
    with hold(lock):
        result = command()
    assert result.returncode == 1
    assert f"Another build of {command.warehouse} is running (process {os.getpid()})" in (
        result.stderr
    )
    assert "Traceback" not in result.stdout + result.stderr


def test_variables_of_the_project_can_be_given(command, small, tmp_path, monkeypatch):
    monkeypatch.setenv("CREDIT_INDICES_VARS", "{jump_factor: 1.5}")
    result = command(small.write(tmp_path / "data"))
    assert result.returncode == 0
    assert "  1 of 23 expectations of data quality failed (quality" in result.stdout
    assert "    warning: 3 jumps between periods: first " in result.stdout
    with duckdb.connect(str(command.warehouse), read_only=True) as connection:
        (examples,) = connection.execute(
            "select examples from quality.data_quality_results "
            "where expectation = 'no_unit_jumps_between_periods'"
        ).fetchone()
    assert "by more than a factor of 1.5" in examples

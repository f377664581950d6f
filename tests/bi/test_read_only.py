"""The connection of the dashboards: queries only, for a limited time."""

import sys

import duckdb
import pytest
from conftest import PROJECT

sys.path.insert(0, str(PROJECT / "bi"))
import read_only


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    file = tmp_path_factory.mktemp("read_only") / "credit_indices.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table scores as select range as rank from range(5)")
    return file


@pytest.fixture(scope="module")
def cursor(file):
    connection = read_only.connect(file, seconds=1)
    yield connection.cursor()
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(rank) from scores",
        "from scores",
        "with a as (select * from scores) select * from a, unnest([1, 2])",
        "values (1)",
        "describe scores",
        "summarize scores",
        "show tables",
        "select * from generate_series(1, 3)",
        "select * from (pivot scores on rank in (1, 2) using count(*))",
    ],
)
def test_queries_run(cursor, sql):
    cursor.execute(sql)
    assert cursor.fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "-- nothing",
        "select 1; select 2",
        "select 1; call enable_logging('QueryLog')",
        "call enable_logging('QueryLog')",
        "CALL Enable_Logging('QueryLog')",
        "from enable_logging('QueryLog')",
        "from system.main.enable_logging('QueryLog')",
        "describe from enable_logging('QueryLog')",
        "select (select count(*) from enable_logging('QueryLog'))",
        "select list_transform([1], x -> (select 1 from disable_logging()))",
        "select 1 union all from truncate_duckdb_logs()",
        "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
        "from query('from enable_logging()')",
        "from pandas_scan(1)",
        "from read_csv('/etc/hostname')",
        "explain analyze call enable_logging('QueryLog')",
        "prepare a as select 1",
        "execute a",
        "set threads = 64",
        "reset threads",
        "pragma enable_profiling",
        "load json",
        "attach ':memory:' as other",
        "create temp table mine as select 1",
        "insert into scores values (1)",
        "checkpoint",
        "copy scores to 'scores.csv'",
        "export database 'folder'",
    ],
)
def test_everything_else_is_refused(cursor, sql):
    with pytest.raises(read_only.Refused):
        cursor.execute(sql)
    with pytest.raises(read_only.Refused):
        cursor.executemany(sql, [[]])


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(a.range * b.range) from range(200000) a, range(200000) b",
        "with recursive a as (select 1 as n union all select n + 1 from a) select count(*) from a",
    ],
)
def test_long_queries_are_stopped(cursor, sql):
    with pytest.raises(read_only.TooSlow, match="stopped after 1 seconds"):
        cursor.execute(sql)
        cursor.fetchall()
    cursor.execute("select count(*) from scores")
    assert cursor.fetchall() == [(5,)]


def test_memory_and_threads_are_limited_and_nothing_spills(file):
    cursor = read_only.connect(file, seconds=60).cursor()
    names = ("memory_limit", "threads", "temp_directory", "lock_configuration")
    cursor.execute("select " + ", ".join(f"current_setting('{name}')" for name in names))
    assert cursor.fetchone() == ("953.6 MiB", 2, "", True)
    with pytest.raises(duckdb.OutOfMemoryException):
        cursor.execute("select list(range) from range(2000000000)")


def test_tables_of_python_cannot_be_read(cursor, monkeypatch):
    frame = duckdb.sql("select 1 as secret").to_arrow_table()
    monkeypatch.setattr(read_only, "frame", frame, raising=False)  # DuckDB looks where it is called
    with pytest.raises(duckdb.CatalogException):
        cursor.execute("select * from frame")

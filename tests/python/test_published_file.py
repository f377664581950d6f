"""The published copy of a warehouse works under any name and holds the public relations."""

import shutil

import duckdb
import pytest

from credit_indices.pipeline import published_file


@pytest.fixture
def work(tmp_path):
    """A warehouse as built by dbt: views with the file's name, identities, the user's files."""
    (tmp_path / "read.csv").write_text("value\n7\n")
    path = tmp_path / "work" / "credit_indices.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        for schema in ("marts", "quality", "intermediate", "staging", "restricted", "state"):
            connection.execute(f"create schema {schema}")
        connection.execute(f"""
            create table staging.stg_a as select 1 as a;
            create view staging.stg_b as select * from credit_indices.staging.stg_a;
            create view staging.stg_c as select * from read_csv('{tmp_path}/read.csv');
            create table restricted.who as select 'ACME' as name;
            create table state.events as select 'ACME' as name;
            create table intermediate.int_warnings__signals as select 'ACME' as name;
            create table intermediate.int_index__rows (n integer not null);
            insert into intermediate.int_index__rows values (5);
            create view intermediate.int_index__cells as
                with "rows" as (select * from credit_indices.intermediate.int_index__rows)
                select n, 'credit_indices.intermediate.x' as words from "rows";
            create view intermediate.int_index__shares as
                select cells.n / 5 as share from credit_indices.intermediate.int_index__cells cells;
            create view intermediate.int_observations__read as
                select a as value from credit_indices.staging.stg_b
                union all select value from read_csv('{tmp_path}/read.csv');
            create view intermediate.int_observations__typed as
                select value + 0 as value from credit_indices.intermediate.int_observations__read;
            create table marts.scores (score double not null);
            comment on table marts.scores is 'One row per score.';
            comment on column marts.scores.score is 'Score. Unit: share.';
            insert into marts.scores values (0.25);
            create view quality.view_of_a_mart as select score from credit_indices.marts.scores;
        """)
    return path


def relations(connection, catalog):
    found = connection.execute(
        "select table_schema, table_name, table_type from information_schema.tables "
        "where table_catalog = ?",
        [catalog],
    ).fetchall()
    return {f"{schema}.{name}": kind for schema, name, kind in found}


def test_a_copy_answers_under_any_name_and_alias(work, tmp_path):
    published_file.write(work, tmp_path / "credit_indices.duckdb")
    (tmp_path / "read.csv").unlink()
    shutil.move(tmp_path / "credit_indices.duckdb", tmp_path / "ci 2026.duckdb")
    expected = {
        "marts.scores": [(0.25,)],
        "quality.view_of_a_mart": [(0.25,)],
        "intermediate.int_index__rows": [(5,)],
        "intermediate.int_index__cells": [(5, "credit_indices.intermediate.x")],
        "intermediate.int_index__shares": [(1.0,)],
        "intermediate.int_observations__read": [(1,), (7,)],
        "intermediate.int_observations__typed": [(1,), (7,)],
    }
    with duckdb.connect(str(tmp_path / "ci 2026.duckdb"), read_only=True) as connection:
        assert relations(connection, "ci 2026").keys() == expected.keys()
        for name, rows in expected.items():
            assert connection.execute(f"from {name}").fetchall() == rows
    with duckdb.connect() as connection:
        # A relation of the same name in another database is not read.
        connection.execute("create schema intermediate; create schema credit_indices")
        connection.execute("create table intermediate.int_index__rows as select 6 as n")
        connection.execute(f"attach '{tmp_path}/ci 2026.duckdb' as old (read_only)")
        for name, rows in expected.items():
            assert connection.execute(f"from old.{name}").fetchall() == rows
        kinds = relations(connection, "old")
        assert [name for name, kind in kinds.items() if kind == "VIEW"] == [
            "intermediate.int_index__cells",
            "intermediate.int_index__shares",
            "intermediate.int_observations__typed",
            "quality.view_of_a_mart",
        ]
        assert connection.execute(
            "select comment from duckdb_columns() where table_name = 'scores'"
        ).fetchall() == [("Score. Unit: share.",)]
        assert connection.execute(
            "select comment from duckdb_tables() where table_name = 'scores'"
        ).fetchall() == [("One row per score.",)]


def test_identities_are_copied_only_on_request(work, tmp_path):
    demanded = tmp_path / "demanded" / "credit_indices.duckdb"
    demanded.parent.mkdir()
    other = tmp_path / "other" / "credit_indices.duckdb"
    other.parent.mkdir()
    shutil.copy(work, other)
    published_file.write(other, demanded, ("restricted", "state"))
    published_file.write(work, tmp_path / "credit_indices.duckdb")
    assert b"ACME" in demanded.read_bytes()
    assert b"ACME" not in (tmp_path / "credit_indices.duckdb").read_bytes()
    with duckdb.connect(str(demanded), read_only=True) as connection:
        assert connection.execute("from restricted.who").fetchall() == [("ACME",)]
        assert "intermediate.int_warnings__signals" not in relations(connection, "credit_indices")

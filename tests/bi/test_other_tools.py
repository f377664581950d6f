"""SQLAlchemy, DuckDB's command line and the workbook give the same values."""

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy
from conftest import PROJECT, WAREHOUSE

from credit_indices.exports.workbook import HEADER_ROW, write_workbook

SQL = "select unit_id, period, score, data_origin from marts.scdbi order by unit_id, period"


@pytest.fixture(scope="module")
def expected(published):
    rows = published.query(SQL)
    assert len(rows) == 310
    return rows


def test_sqlalchemy_reads_and_cannot_write(published, expected):
    engine = sqlalchemy.create_engine(
        f"duckdb:///{published.link.resolve() / WAREHOUSE}",
        connect_args={"read_only": True, "config": {"enable_external_access": False}},
    )
    with engine.connect() as connection:
        rows = connection.execute(sqlalchemy.text(SQL)).fetchall()
        assert [tuple(row) for row in rows] == expected
        for sql in ("delete from marts.scdbi", "select * from read_text('/etc/hostname')"):
            with pytest.raises(sqlalchemy.exc.SQLAlchemyError):
                connection.execute(sqlalchemy.text(sql)).fetchall()
    tables = sqlalchemy.inspect(engine).get_table_names(schema="marts")
    assert {"scdbi", "index_scores", "policy_grid", "unit_tiles"} <= set(tables)
    columns = sqlalchemy.inspect(engine).get_columns("scdbi", schema="marts")
    described = sqlalchemy.text("select column_name from (describe marts.scdbi)")
    with engine.connect() as connection:
        assert [column["name"] for column in columns] == connection.scalars(described).all()
    engine.dispose()


def test_the_command_line_reads(published, expected):
    duckdb = Path(sys.executable).with_name("duckdb")
    file = published.link / WAREHOUSE
    command = [duckdb, "-readonly", "-json", str(file), SQL]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert [tuple(row.values()) for row in json.loads(run.stdout)] == expected
    run = subprocess.run([*command[:-1], "delete from marts.scdbi"], capture_output=True, text=True)
    assert run.returncode != 0
    assert "read-only" in run.stderr


def test_the_workbook_holds_the_same(published, expected, tmp_path):
    file = write_workbook(tmp_path / "book.xlsx", published.link)
    rows = openpyxl.load_workbook(file, read_only=True)["scdbi"].iter_rows(
        min_row=HEADER_ROW, values_only=True
    )
    columns = next(rows)
    wanted = [columns.index(name) for name in ("unit_id", "period", "score", "data_origin")]
    assert sorted(tuple(row[index] for index in wanted) for row in rows) == expected


def test_the_page_names_every_dashboard_and_its_picture():
    page = (PROJECT / "docs" / "bi.md").read_text(encoding="utf-8")
    slugs = {path.stem for path in (PROJECT / "bi" / "superset" / "dashboards").glob("*.yaml")}
    assert all(f"images/{slug}.png" in page for slug in slugs)
    assert {path.stem for path in (PROJECT / "docs" / "images").glob("*.png")} >= slugs

"""SQLAlchemy and pandas read tables and their columns, as README.md and docs/bi.md say."""

import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlalchemy

TYPES = {
    "unit_id": ("varchar not null", sqlalchemy.String),
    "period": ("integer", sqlalchemy.Integer),
    "rank": ("bigint", sqlalchemy.BigInteger),
    "score": ("double", sqlalchemy.Float),
    "is_imputed": ("boolean", sqlalchemy.Boolean),
    "due": ("date", sqlalchemy.Date),
    "due_at": ("timestamp", sqlalchemy.DateTime),
}
ROW = ("11", 2020, 1, 0.5, True, datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2, 3, 4))


@pytest.fixture
def engine(tmp_path: Path):
    file = tmp_path / "credit_indices.duckdb"
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in TYPES.items())
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.scdbi ({columns})")
        connection.execute("insert into marts.scdbi values (?, ?, ?, ?, ?, ?, ?)", ROW)
        connection.execute("comment on column marts.scdbi.score is 'Share of the sum.'")
        connection.execute("create view marts.ranks as select unit_id, rank from marts.scdbi")
    result = sqlalchemy.create_engine(
        f"duckdb:///{file}",
        connect_args={"read_only": True, "config": {"enable_external_access": False}},
    )
    yield result
    result.dispose()


def test_columns_are_reflected_with_their_types(engine):
    columns = sqlalchemy.inspect(engine).get_columns("scdbi", schema="marts")
    assert [column["name"] for column in columns] == list(TYPES)
    for column in columns:
        assert isinstance(column["type"], TYPES[column["name"]][1]), column
    assert not columns[0]["nullable"]
    assert columns[3]["comment"] == "Share of the sum."


def test_tables_and_views_autoload(engine):
    table = sqlalchemy.Table("scdbi", sqlalchemy.MetaData(), schema="marts", autoload_with=engine)
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.select(table)).fetchall() == [ROW]
    view = sqlalchemy.Table("ranks", sqlalchemy.MetaData(), schema="marts", autoload_with=engine)
    assert view.columns.keys() == ["unit_id", "rank"]
    everything = sqlalchemy.MetaData()
    everything.reflect(engine, schema="marts", views=True)
    assert set(everything.tables) == {"marts.scdbi", "marts.ranks"}


def test_pandas_reads_a_table(engine):
    frame = pd.read_sql_table("scdbi", engine, schema="marts")
    assert list(frame) == list(TYPES)
    assert frame.score.tolist() == [0.5]
    assert pd.read_sql("select rank from marts.ranks", engine)["rank"].tolist() == [1]

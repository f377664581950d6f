"""The workbook for Excel, read by pandas and as XML."""

import math
import xml.etree.ElementTree as ElementTree
import zipfile
from datetime import date, datetime

import duckdb
import openpyxl
import pandas as pd
import pytest

from credit_indices.__main__ import main
from credit_indices.exports import workbook
from credit_indices.exports.workbook import SYNTHETIC, WorkbookError, write_workbook


@pytest.fixture
def published(tmp_path):
    """A small published build with values that are difficult for Excel."""
    folder = tmp_path / "published"
    folder.mkdir()
    with duckdb.connect(str(folder / "credit_indices.duckdb")) as connection:
        connection.execute("""
            create schema marts;
            create schema quality;
            create schema restricted;
            create table restricted.secret as select 1 as a;
            create table marts.build_info as select '20260101' as build_id,
                timestamp '2026-01-02 03:04:05' as built_at_utc, 'shipped' as data_source;
            create table marts.data_sources as select * from (values
                ('a', 'synthetic'), ('b', 'official')) as t(indicator_code, data_origin);
            create table marts.data_dictionary as select * from (values
                ('marts', 'scores', 'One row per city.', 'unit', 'The city.', null),
                ('marts', 'scores', 'One row per city.', 'score', 'Score, 60 to 100 points.',
                'points'))
                as t(table_schema, table_name, table_description, column_name, column_description,
                unit);
            create table marts.scores (
                unit varchar, score double, day date, moment timestamp, yes boolean, n bigint,
                data_origin varchar);
            insert into marts.scores values
                ('北京市', 91.25, '2026-01-02', '2026-01-02 03:04:05', true, 1, 'official'),
                ('=1+1', 'infinity', null, null, false, null, 'synthetic'),
                (concat('a', chr(7), 'b'), 'nan', null, null, null, -3, 'user');
            create table quality.a_table_whose_name_is_longer_than_thirty_one as select 1 as a;
        """)
    return folder


def test_every_public_table_is_a_sheet_with_its_values(published, tmp_path):
    file = write_workbook(tmp_path / "book.xlsx", published)
    sheets = pd.read_excel(file, engine="openpyxl", sheet_name=None, header=None)
    assert list(sheets) == [
        "contents",
        "build_info",
        "data_dictionary",
        "data_sources",
        "scores",
        "a_table_whose_name_is_longer_th",  # 31 characters
    ]
    scores = pd.read_excel(file, engine="openpyxl", sheet_name="scores", header=5)
    assert list(scores) == ["unit", "score", "day", "moment", "yes", "n", "data_origin"]
    first = scores.iloc[0].to_dict()
    assert first["unit"] == "北京市"
    assert first["score"] == 91.25
    assert first["day"].date() == date(2026, 1, 2)
    assert first["moment"] == datetime(2026, 1, 2, 3, 4, 5)
    assert first["yes"] is True or first["yes"] == 1
    assert list(scores["unit"]) == ["北京市", "=1+1", "a�b"]
    assert [str(value) for value in scores["score"]][1:] == ["inf", "nan"]
    assert math.isnan(scores["n"][1])


def test_sheet_heads_have_units_sources_and_origin(published, tmp_path):
    book = openpyxl.load_workbook(write_workbook(tmp_path / "book.xlsx", published))
    sheet = book["scores"]
    lines = [sheet.cell(row, 1).value for row in range(1, 6)]
    assert lines == [
        "marts.scores",
        "One row per city.",
        "Source: build 20260101; for data sources see the sheet data_sources.",
        "Data: official, synthetic, user (column data_origin).",
        "The city.",
    ]
    assert sheet["B5"].value == "Score, 60 to 100 points. Unit: points."
    fills = [sheet.cell(row, 1).fill.fgColor.rgb for row in (7, 8, 9)]
    assert [fill == SYNTHETIC.fgColor.rgb for fill in fills] == [False, True, False]
    assert "1 indicators of this build are synthetic" in book["build_info"]["A4"].value
    contents = {row[0].value: row[1].value for row in book["contents"].iter_rows(min_row=8)}
    assert contents["scores"] == 3


def test_no_cell_is_a_formula_and_the_xml_is_valid(published, tmp_path):
    file = write_workbook(tmp_path / "book.xlsx", published)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith(".xml")}
    for content in parts.values():
        ElementTree.fromstring(content)
    assert not any(b"<f>" in content for content in parts.values())
    assert not any(b"<v>inf</v>" in content for content in parts.values())


def test_unwritable_workbooks_are_refused(published, tmp_path, monkeypatch, capsys):
    with pytest.raises(WorkbookError, match="Run make publish first"):
        write_workbook(tmp_path / "book.xlsx", tmp_path / "nowhere")
    with pytest.raises(WorkbookError, match="No such file or directory"):
        write_workbook(tmp_path / "nowhere" / "book.xlsx", published)
    monkeypatch.setattr(workbook, "ROWS", 8)
    with pytest.raises(WorkbookError, match=r"scores \(3 rows\)"):
        write_workbook(tmp_path / "book.xlsx", published)
    monkeypatch.setattr("sys.argv", ["credit_indices", "workbook", "--published", "nowhere"])
    assert main() == 1
    assert "nowhere/credit_indices.duckdb does not exist" in capsys.readouterr().err

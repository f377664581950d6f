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
                'points'),
                ('marts', 'scores', 'One row per city.', 'n', 'Cases.', 'count'),
                ('marts', 'scores', 'One row per city.', 'change', 'Change.', 'percent'))
                as t(table_schema, table_name, table_description, column_name, column_description,
                unit);
            create table marts.scores (
                unit varchar, score double, day date, moment timestamp, yes boolean, n bigint,
                change double, year integer, data_origin varchar);
            insert into marts.scores values
                ('北京市', 91.25, '2026-01-02', '2026-01-02 03:04:05', true, 12000, -2.5, 2020,
                'official'),
                ('=1+1', 'infinity', null, null, false, null, 0.0, 2021, 'synthetic'),
                (concat('a', chr(7), 'b'), 'nan', null, null, null, -3, 0.0000021077, 2022, 'user');
            create table quality.a_table_whose_name_is_longer_than_thirty_one as
                select 1 as a, 'official' as data_origin;
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
    columns = ["unit", "score", "day", "moment", "yes", "n", "change", "year", "data_origin"]
    assert list(scores) == columns
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
        "Data: official, synthetic, user (column data_origin; synthetic rows are coloured).",
        "The city.",
    ]
    assert sheet["B5"].value == "Score, 60 to 100 points. Unit: points."
    fills = [sheet.cell(row, 1).fill.fgColor.rgb for row in (7, 8, 9)]
    assert [fill == SYNTHETIC.fgColor.rgb for fill in fills] == [False, True, False]
    assert book["build_info"]["A4"].value == "Data: facts about the build."
    contents = {row[0].value: row[1].value for row in book["contents"].iter_rows(min_row=8)}
    assert contents["scores"] == 3


def test_number_formats_follow_type_unit_and_size(published, tmp_path):
    sheet = openpyxl.load_workbook(write_workbook(tmp_path / "book.xlsx", published))["scores"]
    formats = [[cell.number_format for cell in row] for row in sheet.iter_rows(min_row=7)]
    days = ["yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"]
    assert formats[0] == [
        "General",
        "#,##0.00",
        *days,
        "General",
        "#,##0",
        '#,##0.0" %"',
        "0",
        "General",
    ]
    assert formats[1][6] == '#,##0" %"'
    assert formats[2][5:7] == ["#,##0", '0.000E+00" %"']
    assert sheet["G9"].value == 0.0000021077


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0032258, "0.003226"),
        (55694.798, "55,695"),
        (0.72, "0.72"),
        (-3.0, "-3"),
        (0.00002, "0.00002"),
        (0.099996, "0.1"),
        (310.0, "310"),
    ],
)
def test_decimals_show_four_significant_digits(value, shown):
    grouped, _, decimals = workbook._number_format(value, "none").partition(".")
    assert grouped == "#,##0"
    assert f"{value:,.{len(decimals)}f}" == shown


def test_tables_of_unknown_origin_are_refused(published, tmp_path):
    with duckdb.connect(str(published / "credit_indices.duckdb")) as connection:
        connection.execute("create table marts.new_table as select 1 as a")
    with pytest.raises(WorkbookError, match=r"rest on synthetic data: new_table\."):
        write_workbook(tmp_path / "book.xlsx", published)
    assert not (tmp_path / "book.xlsx").exists()


BY_HAND = {
    "ahp_consistency": "true",
    "index_node_scores": "index_code <> 'scdbi_official'",
    "index_weights": "index_code <> 'scdbi_official'",
    "effective_weights": "index_code <> 'scdbi_official'",
    "index_scores": "index_code <> 'scdbi_official'",
    "panel_estimates": "true",
    "dimension_decomposition": "true",
    "ar_set_pieces": "true",
    "agreement_tests": "true",
    "descriptive_statistics": "true",  # official variables are correlated with the synthetic index
    "pca_fits": "analysis_code <> 'cei_published'",
    "pca_loadings": "analysis_code <> 'cei_published'",
    "pca_components": "analysis_code <> 'cei_published'",
    "policy_simulation": "interval_type <> 'rounding'",
    "event_use": "true",
    "coverage_claims": "true",
    "coverage_findings": "true",
    "credit_coverage": "true",
    "rating_recognition": "true",
    "link_use": "true",
    "credit_model_findings": "true",
    "credit_model_groups": "true",
    "credit_model_performance": "true",
    "scorecard_points": "true",
    "published_claims": "false",
    "quarantined_coverage": "false",
    "quarantined_links": "false",
    "quarantined_loans": "false",
    "unrelated_rankings": "false",
    "unit_tiles": "false",
    "data_dictionary": "false",
    "index_periods": "false",
}
"""Rows of the shipped build that rest on synthetic data."""


def test_shipped_sheets_have_the_marts_values_and_marks(shipped, tmp_path):
    folder = tmp_path / "published"
    folder.mkdir()
    kept = {}
    with duckdb.connect(str(folder / "credit_indices.duckdb")) as connection:
        connection.execute(f"attach '{shipped.warehouse}' as whole (read_only)")
        for schema, name in connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'whole' "
            "and schema_name in ('marts', 'quality') order by all"
        ).fetchall():
            connection.execute(f"create schema if not exists {schema}")
            every = 97 if name == "index_node_scores" else 11 if name == "index_scores" else 1
            connection.execute(
                f"create table {schema}.{name} as select * exclude place from ("
                f"select *, row_number() over () as place from whole.{schema}.{name}"
                f") where place % {every} = 0"
            )
            marked = BY_HAND.get(name)
            kept[name] = (
                connection.execute(f"from {schema}.{name}").fetchall(),
                marked
                and [
                    found
                    for (found,) in connection.execute(
                        f"select {marked} from {schema}.{name}"
                    ).fetchall()
                ],
            )
    book = openpyxl.load_workbook(write_workbook(tmp_path / "book.xlsx", folder))
    assert set(BY_HAND) <= set(kept)
    for name, (rows, marked) in kept.items():
        sheet = book[name[:31]]
        found = list(sheet.iter_rows(min_row=7, max_row=6 + len(rows)))
        assert len(found) == len(rows), name
        for cells, row in zip(found, rows, strict=True):
            assert [cell.value for cell in cells] == [as_in_excel(value) for value in row], name
        coloured = [cells[0].fill.fgColor.rgb == SYNTHETIC.fgColor.rgb for cells in found]
        if marked is not None:
            assert coloured == marked, name
        assert ("synthetic rows are coloured" in sheet["A4"].value) == any(coloured), name


def as_in_excel(value):
    """Return a value as openpyxl reads it back: 16 digits, no infinities or empty texts."""
    if isinstance(value, float):
        return pytest.approx(value, rel=1e-15) if math.isfinite(value) else str(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return None if value == "" else value


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

"""Files as grids: encodings, delimiters, workbooks, and hostile files."""

import datetime
import io
import os
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from credit_indices.ingest import limits, sheets
from credit_indices.ingest.limits import FileFault

# 𠮷 has four bytes in GB18030, and so has 㐂 in some of its editions.
TEXT = "地区,年份,专利授权数\n北京,2011年,40888\n吉林𠮷,2012年,1\n"
ROWS = [["地区", "年份", "专利授权数"], ["北京", "2011年", "40888"], ["吉林𠮷", "2012年", "1"]]


def grid(tmp_path: Path, content: bytes, name: str = "a.csv", **options) -> list[list[str]]:
    path = tmp_path / name
    path.write_bytes(content)
    (sheet,) = sheets.read(path, name, **options)
    return sheet.rows


def workbook(fill, **options) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(content: bytes, change) -> bytes:
    """Return a workbook with `change(name, bytes)` applied to its parts."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_encodings_are_detected(tmp_path, encoding):
    assert grid(tmp_path, TEXT.encode(encoding)) == ROWS


def test_utf_16_big_endian_with_its_mark(tmp_path):
    assert grid(tmp_path, b"\xfe\xff" + TEXT.encode("utf-16-be")) == ROWS


def test_a_late_chinese_character_decides_the_encoding(tmp_path):
    text = "a,b\n" * 700_000 + "中文,1\n"
    assert grid(tmp_path, text.encode("gb18030"))[-1] == ["中文", "1"]


def test_another_encoding_is_named_by_the_user(tmp_path):
    text = "地區,年份\n臺北市,2011\n"
    assert grid(tmp_path, text.encode("big5"), encoding="big5")[1] == ["臺北市", "2011"]
    with pytest.raises(FileFault, match="is not utf-8 text"):
        grid(tmp_path, text.encode("big5"), encoding="utf-8")
    with pytest.raises(FileFault, match="there is no encoding 'klingon'"):
        grid(tmp_path, text.encode("big5"), encoding="klingon")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'u,y,"1,5"\n甲,2011,"57,295"\n'),
        ("a.tsv", 'u\ty\t"1,5"\n甲\t2011\t"57,295"\n'),
        ("a.csv", 'u\ty\t"1,5"\n甲\t2011\t"57,295"\n'),
        ("a.txt", 'u\ty\t"1,5"\n甲\t2011\t"57,295"\n'),
        ("a.csv", 'u;y;"1,5"\n甲;2011;"57,295"\n'),
    ],
)
def test_delimiters_are_detected(tmp_path, name, text):
    assert grid(tmp_path, text.encode(), name) == [["u", "y", "1,5"], ["甲", "2011", "57,295"]]


def test_decimal_commas_are_no_delimiters(tmp_path):
    rows = grid(tmp_path, "u;y;v;w\n甲;2011;1,5;2,5\n乙;2011;3,5;4,5\n".encode())
    assert rows[1] == ["甲", "2011", "1,5", "2,5"]


def test_tabs_before_commas_are_not_delimiters(tmp_path):
    rows = grid(tmp_path, "地区\t,2012年\t,2011年\t,\n北京市\t,3\t,\t,\n".encode())
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["地区", "2012年", "2011年"],
        ["北京市", "3"],
    ]


def test_cells_of_a_workbook_are_read_as_displayed(tmp_path):
    def fill(sheet):
        sheet.append(["text", 1, 2.5, 14.7376, True, datetime.date(2011, 12, 31), "2011年"])
        sheet.append([0.761, 1, 0.5, -0.0725, "'=1", None, "=cmd|' /C calc'!A0"])
        for cell, form in zip(sheet[2], ["0.0%", "0%", '0.0" %"', "0.00%"], strict=False):
            cell.number_format = form
        sheet["G2"].data_type = "s"

    rows = grid(tmp_path, workbook(fill), "a.xlsx")
    assert rows[0] == [
        "text", "1", "2.5", "14.7376", "TRUE", "2011-12-31 00:00:00", "2011年",
    ]  # fmt: skip
    assert rows[1] == ["76.1%", "100%", "0.5", "-7.25%", "'=1", "", "=cmd|' /C calc'!A0"]


def test_formulas_give_the_result_that_was_saved_or_are_marked(tmp_path):
    def fill(sheet):
        sheet.append(["=1+1", "=A1*2", '=""'])

    def saved(name, content):
        if name != "xl/worksheets/sheet1.xml":
            return content
        content = content.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
        return content.replace(b'r="C1"><f>""</f><v></v>', b'r="C1" t="str"><f>""</f><v></v>')

    path = tmp_path / "a.xlsx"
    raw = workbook(fill)
    path.write_bytes(
        repacked(raw, lambda name, content: saved(name, content.replace(b"<v />", b"<v></v>")))
    )
    (sheet,) = sheets.read(path, "a.xlsx")
    assert sheet.text(0, 0) == "2"
    assert sheet.text(0, 1) == "=A1*2"
    assert sheet.text(0, 2) == ""
    assert sheet.uncomputed == {(0, 1)}


def test_sheets_gaps_and_cells_merged_downwards(tmp_path):
    book = openpyxl.Workbook()
    book.active["B3"] = "北京"
    book.active["C5"] = 7
    book.active.merge_cells("B3:B5")
    book.create_chartsheet("chart").add_chart(openpyxl.chart.BarChart())
    book.create_sheet("二")["A1"] = "x"
    book.save(tmp_path / "a.xlsx")
    one, two = sheets.read(tmp_path / "a.xlsx", "a.xlsx")
    assert one.rows == [[], [], ["", "北京"], [], ["", "", "7"]]
    assert [one.label(row, 1) for row in range(5)] == ["", "", "北京", "北京", "北京"]
    assert one.text(3, 1) == ""
    assert (two.name, two.rows, two.where, two.source) == (
        "二",
        [["x"]],
        "a.xlsx, sheet 二",
        "a.xlsx!二",
    )


def test_parquet(tmp_path):
    table = pa.table(
        {
            "unit": ["11", None],
            "year": pa.array([2011.0, None]),
            "day": [datetime.date(2011, 12, 31), None],
            "x": [14.7376, float("nan")],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    (sheet,) = sheets.read(tmp_path / "a.parquet", "a.parquet")
    assert sheet.rows == [
        ["unit", "year", "day", "x"],
        ["11", "2011.0", "2011-12-31", "14.7376"],
        ["", "", "", "nan"],
    ]


def bomb(declared: int | None = None) -> bytes:
    """Return a small workbook whose sheet has 256 MB of spaces, or declares `declared` bytes."""

    def change(name, content):
        return content + b" " * 256 * 1024**2 if name == "xl/worksheets/sheet1.xml" else content

    content = repacked(workbook(lambda sheet: sheet.append([1])), change)
    if declared is None:
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    assert content.count(struct.pack("<L", size)) == 2
    return content.replace(struct.pack("<L", size), struct.pack("<L", declared))


def with_sheet(xml: bytes) -> bytes:
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return repacked(
        workbook(lambda sheet: sheet.append([1])),
        lambda name, content: (
            head + xml + b"</worksheet>" if name == "xl/worksheets/sheet1.xml" else content
        ),
    )


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (letter, (b"&%c;" % (letter - 1)) * 10) for letter in b"bcdefghi"
    )
    + b"]><x>&i;</x>"
)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: b"", "empty"),
        (lambda: b"PK\x03\x04 not a zip", "not a valid Excel workbook"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "not a valid Excel workbook"),
        (lambda: b"no table", "is named .xlsx but is not such a file"),
        (lambda: workbook(lambda sheet: sheet.append([1]))[:-60], "not a valid Excel workbook"),
        (lambda: repacked(workbook(lambda s: None), lambda n, c: ENTITIES), "XML entities"),
        (lambda: repacked(workbook(lambda s: None), lambda n, c: b""), "not a valid"),
        (lambda: bomb(declared=900), "not a valid Excel workbook"),
        (lambda: with_sheet(b"<sheetData>" + b"<c/>" * 2_000_000 + b"</sheetData>"), "more XML"),
        (lambda: with_sheet(b"<sheetData>" + b"<row/>" * 1_200_000 + b"</sheetData>"), None),
        (lambda: with_sheet(b"<sheetData><row r='99999999999'><c><v>1</v></c></row></sheetData>"),
         "beyond Excel's limits"),
        (lambda: with_sheet(b"<sheetData><row><c r='ZZZ1'><v>1</v></c></row></sheetData>"),
         "beyond Excel's limits"),
        (lambda: with_sheet(b"<sheetData>" + b"".join(
            b"<row><c r='XFD%d'><v>1</v></c></row>" % n for n in range(1, 400)) + b"</sheetData>"),
         "cells in sheet"),
        (lambda: with_sheet(
            b"<sheetData><row><c><v>1</v></c></row><row r='1000000'><c><v>1</v></c></row>"
            b"</sheetData><mergeCells>" + b"<mergeCell ref='A1:A1048576'/>" * 1000
            + b"</mergeCells>"), "merged cells"),
        (lambda: with_sheet(b"<sheetData><row><c s='77'><v>1</v></c></row></sheetData>"), "valid"),
        (lambda: with_sheet(b"<sheetData><row><c t='s'><v>5</v></c></row></sheetData>"), "valid"),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_broken_and_hostile_workbooks(tmp_path, make, message):
    path = tmp_path / "a.xlsx"
    path.write_bytes(make())
    started = time.process_time()
    if message is None:
        sheets.read(path, "a.xlsx")
    else:
        with pytest.raises(FileFault, match=message):
            sheets.read(path, "a.xlsx")
    assert time.process_time() - started < 30


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x00\x01\x02\x03binary\x00\x00", "not text"),
        (b"a,b\n\xff\xff\xff\n", "neither UTF-8 nor GB18030"),
        (b'a,b\n"1,2\n3,4\n', "not valid CSV in line"),
        (b'a,b\n"1"2,3\n', "not valid CSV in line"),
        (b"a," + b"b" * 40_000 + b"\n", "a cell of 40,000 characters"),
        (b"a,b\n" + b"," * 20_000 + b"1\n", "columns"),
        (b"a,b\n" + b"," * 5_000_000 + b"1\n", "in line 2; it is not a table"),
        (b"a,b\n" + (b"," * 5_000 + b"1\n") * 500, "more than 2,000,000 cells"),
    ],
)
def test_broken_and_hostile_texts(tmp_path, content, message):
    with pytest.raises(FileFault, match=message):
        grid(tmp_path, content)


HARM = """
import resource, sys
from pathlib import Path
from credit_indices.ingest import sheets
from credit_indices.ingest.limits import FileFault
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    sheets.read(Path(sys.argv[1]), "harm")
except FileFault as fault:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, fault)
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [("line.csv", "line 1; it is not a table"), ("bomb.xlsx", "more than 128 MB unpacked")],
)
def test_a_huge_line_and_a_zip_bomb_are_refused_in_little_memory(tmp_path, name, message):
    path = tmp_path / name
    if name == "line.csv":
        with open(path, "wb") as stream:
            for _ in range(200):
                stream.write(b"1234567," * 2**17)
    else:
        path.write_bytes(bomb())
        assert path.stat().st_size < 2 * 1024**2
    done = subprocess.run(
        [sys.executable, "-c", HARM, str(path)], capture_output=True, text=True, check=True
    )
    megabytes, _, fault = done.stdout.partition(" ")
    assert message in fault
    assert int(megabytes) < 100


def test_only_tables_are_read_and_nothing_outside_the_folder(tmp_path):
    folder, out = tmp_path / "from", tmp_path / "from" / "out"
    (folder / "sub").mkdir(parents=True)
    out.mkdir()
    (tmp_path / "secret.csv").write_text("a,b\n")
    for name in (
        "b.csv",
        "a.XLSX",
        "sub/c.tsv",
        "photo.png",
        ".hidden.csv",
        "~$a.xlsx",
        "out/d.csv",
    ):
        (folder / name).write_text("x")
    os.symlink(tmp_path / "secret.csv", folder / "link.csv")
    paths, others = sheets.files_in(folder, out)
    assert list(paths) == ["a.XLSX", "b.csv", "sub/c.tsv"]
    os.mkfifo(folder / "pipe.csv")
    (folder / "loop.csv").symlink_to("loop.csv")
    with open(os.fsencode(folder) + b"/\xff.csv", "w") as stream:
        stream.write("x")
    paths, others = sheets.files_in(folder, out)
    assert list(paths) == ["a.XLSX", "b.csv", "sub/c.tsv"]
    assert others == ["link.csv", "loop.csv", "photo.png", "pipe.csv", "\ufffd.csv"]


def test_letters_of_columns():
    numbers = [0, 25, 26, 51, 52, 701, 702, 16_383]
    letters = ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]
    assert [sheets.column_letters(number) for number in numbers] == letters
    assert [sheets.column_number(text) for text in letters] == numbers
    assert limits.MAX_COLUMNS == 16_384

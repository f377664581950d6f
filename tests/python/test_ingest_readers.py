"""Readers of workbooks and texts: displayed values, other formats, texts with other names."""

import datetime
import io
import time

import openpyxl
import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from test_ingest_files import ENTITIES, repacked, workbook
from workbook_writers import archive, ods, ods_cell, ods_row, rich_string, xlsb

from credit_indices.ingest import sheets
from credit_indices.ingest.formats import Run, joined
from credit_indices.ingest.limits import FileFault, IngestError, OtherKind

HEAD = ["地区", "年份", "专利授权数"]
RAISED, STRUCK = InlineFont(vertAlign="superscript"), InlineFont(strike=True)
FIGURES = {("11", "2019", "patents_granted"): "131716", ("13", "2019", "patents_granted"): "57809"}


def put(folder, content: bytes, name: str = "a.xlsx") -> None:
    (folder.source / name).write_bytes(content)


def one(folder, content: bytes, name: str = "a.xlsx"):
    put(folder, content, name)
    (sheet,) = sheets.read(folder.source / name, name)
    return sheet


def test_footnotes_and_struck_out_parts_are_left_out(folder):
    def fill(sheet):
        sheet.append(HEAD)
        sheet.append(["北京", 2019, CellRichText("131716", TextBlock(RAISED, "1"))])
        sheet.append(["河北", 2019, CellRichText(TextBlock(STRUCK, "57808"), "57809")])

    put(folder, workbook(fill))
    result = folder.run()
    assert folder.values_by_key() == FIGURES
    assert result.notes[:2] == [
        "a.xlsx, sheet Sheet: read without a struck-out part: 1 cell (C3 '57808').",
        "a.xlsx, sheet Sheet: read without a superscript or subscript: 1 cell (C2 '1').",
    ]


def test_parts_of_inline_texts_and_phonetic_readings(folder):
    def inline(name, content):
        rich = (
            b'<c r="A1" t="inlineStr"><is><r><t>131716</t></r><r><rPr>'
            b'<vertAlign val="superscript"/>'
            b"</rPr><t>1</t></r></is></c>"
            b'<c r="B1" t="inlineStr"><is><t>57809</t><rPh sb="0" eb="1"><t>12</t></rPh></is></c>'
        )
        row = b'<sheetData><row r="1">' + rich + b"</row></sheetData>"
        return content.replace(b"<sheetData />", row).replace(b"<sheetData></sheetData>", row)

    sheet = one(folder, repacked(workbook(lambda sheet: sheet.append([])), inline))
    assert sheet.rows == [["131716", "57809"]]


@pytest.mark.parametrize(
    ("runs", "text", "raised"),
    [
        ([Run("131716"), Run("1)", is_raised=True, is_super=True)], "131716", "1)"),
        ([Run("1", is_raised=True, is_super=True), Run("131716")], "131716", "1"),
        ([Run("131716"), Run("a", is_raised=True)], "131716", "a"),
        ([Run("北京"), Run("①", is_raised=True, is_super=True)], "北京", "①"),
        ([Run("2019"), Run("1", is_raised=True, is_super=True)], "2019", "1"),
        # powers stay, and cannot be taken for digits
        ([Run("万km"), Run("2", is_raised=True, is_super=True)], "万km²", ""),
        ([Run("单位：10"), Run("4", is_raised=True, is_super=True), Run("元")], "单位：10⁴元", ""),
        ([Run("10"), Run("6", is_raised=True, is_super=True)], "10⁶", ""),
        ([Run("CO"), Run("2", is_raised=True)], "CO2", ""),
        # within a number nobody knows what it means
        ([Run("13"), Run("1", is_raised=True, is_super=True), Run("7")], "13¹7", ""),
        ([Run("13"), Run("a", is_raised=True, is_super=True), Run("7")], "13a7", ""),
        ([Run("5"), Run("万", is_raised=True, is_super=True)], "5万", ""),
        ([Run("7", is_raised=True, is_super=True)], "7", ""),
    ],
)
def test_superscripts(runs, text, raised):
    assert (joined(runs).text, joined(runs).raised) == (text, raised)


def test_a_completely_struck_out_text_is_read_and_noted():
    assert joined([Run("5", True), Run("7", True)]).text == "57"
    assert joined([Run("5", True), Run("7", True)]).is_all_struck


def test_hidden_and_struck_out_cells_are_noted(folder):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (HEAD, ["北京", 2019, 131716], ["河北", 2019, 57809], ["山西", 2019, 5]):
        sheet.append([*row, ""])
    sheet["D1"], sheet["E1"] = "专利申请数", "备注"
    sheet["D2"], sheet["E2"] = 7, "x"
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet["C3"].font, sheet["C4"].font = Font(strike=True), Font(vertAlign="superscript")
    sheet["C2"].number_format = ";;;"
    sheet.auto_filter.ref = "A1:C4"
    sheet.auto_filter.add_filter_column(0, ["河北"])
    for state in ("hidden", "veryHidden"):
        other = book.create_sheet(state)
        other.append(HEAD)
        other.append(["河南" if state == "hidden" else "湖北", 2019, 3])
        other.sheet_state = state
    stream = io.BytesIO()
    book.save(stream)
    low, thin = b'<row r="4" ht="0" customHeight="1"', b'<col min="5" max="5" width="0"/></cols>'
    put(
        folder,
        repacked(
            stream.getvalue(), lambda n, c: c.replace(b'<row r="4"', low).replace(b"</cols>", thin)
        ),
    )
    result = folder.run()
    assert len(folder.values_by_key()) == 6
    assert [note.removeprefix("a.xlsx, sheet ") for note in result.notes if "read" in note] == [
        "Sheet: hidden (a filter is set), but read: 2 rows (2, 4).",
        "Sheet: hidden, but read: 2 columns (D-E).",
        "Sheet: struck out, but read: 1 cell (C3).",
        "Sheet: in superscript or subscript, but read: 1 cell (C4).",
        "Sheet: not displayed by its number format (;;;), but read: 1 cell (C2).",
        "hidden: the sheet is hidden, but read.",
        "veryHidden: the sheet is hidden from Excel's menus, but read.",
    ]
    assert folder.run().notes == [note for note in result.notes if "read" in note]


@pytest.mark.parametrize(
    ("area", "accepted", "rejected"),
    [
        ("C2:C3", {"9", "5"}, ["C2", "C3"]),  # two units
        ("C2:D2", {"8", "5"}, ["C2", "D2"]),  # two indicators
        ("C2:D3", {"5"}, ["C2", "D2", "C3", "D3"]),
        ("D2:E2", {"1", "8", "9", "5"}, []),  # a value and a remark
    ],
)
def test_merged_values_of_several_records_are_rejected(folder, area, accepted, rejected):
    book = openpyxl.Workbook()
    rows = [["北京", 2019, 1, 9], ["河北", 2019, 8], ["山西", 2019, 5]]
    for row in ([*HEAD, "专利申请数", "备注"], *rows):
        book.active.append(row)
    book.active.merge_cells(area)
    book.save(folder.source / "a.xlsx")
    result = folder.run()
    assert set(folder.values_by_key().values()) == accepted
    assert [cell.where for _, cell in result.rejected] == rejected
    assert all(f"the merged cells {area}" in cell.reason for _, cell in result.rejected)


def test_merged_cells_of_one_record_and_merged_labels_are_read(folder):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (HEAD, ["北京", 2019, 131716], [None, None, None], ["河北", 2019, 57809]):
        sheet.append(row)
    for area in ("A2:A3", "B2:B3", "C2:C3"):
        sheet.merge_cells(area)
    book.save(folder.source / "a.xlsx")
    assert not folder.run().rejected
    assert folder.values_by_key() == FIGURES


def test_years_across_with_a_merged_value(folder):
    book = openpyxl.Workbook()
    for row in (
        ["指标：专利授权数"],
        ["地区", "2018年", "2019年"],
        ["北京", 7, None],
        ["河北", 8, 9],
    ):
        book.active.append(row)
    book.active.merge_cells("B3:C3")
    book.save(folder.source / "a.xlsx")
    assert [cell.where for _, cell in folder.run().rejected] == ["B3", "C3"]


@pytest.mark.parametrize(
    ("text", "rejected"),
    [
        ("地区,年份,专利授权数,专利申请数\n河南,2019,131716\n河北,2019,57809\n", 4),
        ("地区,年份,专利授权数,专利申请数\n河南,2019,1,2\n河北,2019,57809\n", 2),
        ("地区;年份;专利授权数;专利申请数\n河南;2019;1;2\n河北;2019;57809\n", 2),
        ("地区\t年份\t备注\t专利授权数\n河南\t2019\t1\n河北\t2019\tx\t3\n", 1),
        ("unit,period,indicator_code,value,flag\n河南,2019,patents_granted,1\n", 0),
        # labels alone, remarks that are left out, titles and notes
        ("地区,年份,专利授权数,专利申请数\n河南,2019,1,2\n河北,2019\n", 0),
        ("地区,年份,专利授权数,备注\n河南,2019,1\n河北,2019,2,x\n", 0),
        ("表\n地区,年份,专利授权数,专利申请数\n河南,2019,1,2\n注：不含港澳台\n", 0),
        ("地区,年份,专利授权数,,\n河南,2019,1\n", 0),
    ],
)
def test_rows_shorter_than_the_header(folder, text, rejected):
    folder.put(text, "a.tsv" if "\t" in text else "a.csv")
    assert len(folder.run().rejected) == rejected


def test_rows_that_excel_left_short_are_read(folder):
    rows = [f"河南,{year},{year},{'' if year > 1999 else 1}" for year in range(1985, 2000)]
    later = [f"河南,{year},{year}" for year in range(2000, 2016)]
    folder.put("\n".join(["地区,年份,专利授权数,专利申请数", *rows, *later, ""]))
    assert not folder.run().rejected
    assert len(folder.values_by_key()) == 46


def test_one_short_last_row_is_not_a_block_of_excel(folder):
    rows = [f"河南,{year},{year},1" for year in range(1985, 2000)]
    folder.put("\n".join(["地区,年份,专利授权数,专利申请数", *rows, "河南,2000,5", ""]))
    assert len(folder.run().rejected) == 2


@pytest.mark.parametrize(
    "cell",
    [
        "a" + " " * 32_000 + "x",
        "单位：" + " " * 32_000 + ":",
        "万" * 32_000,
        "1" + "0" * 32_000,
        "1-" * 16_000,
        "更新" * 16_000,
        "unit " * 6_000,
        "(" * 32_000,
    ],
    ids=lambda cell: cell[:6],
)
@pytest.mark.slow
def test_time_is_linear_in_the_length_of_a_cell(folder, cell):
    def seconds(length: int) -> float:
        text = cell[:length] + cell[-1]
        for path in folder.data.glob("ingest/*"):
            path.unlink()
        folder.put(
            f'"{text}"\n地区,年份,专利授权数,备注\n北京,2019,1,"{text}"\n"{text}",2019,2,\n"{text}"\n'
        )
        started = time.process_time()
        folder.run()
        return time.process_time() - started

    assert seconds(32_000) < 8


POWER_QUERY = '<?xml version="1.0" encoding="utf-16"?><DataMashup>AAAA</DataMashup>'


@pytest.mark.parametrize("content", [POWER_QUERY.encode("utf-16"), b"<!DOCTYPE x>", b"\0\0\0"])
def test_parts_that_are_not_parsed_are_not_checked(folder, content):
    book = workbook(lambda sheet: sheet.append([1]))
    parts = {"customXml/item1.xml": content}
    with openpyxl.reader.excel.ZipFile(io.BytesIO(book)) as file:
        parts |= {name: file.read(name) for name in file.namelist()}
    assert one(folder, archive(parts)).rows == [["1"]]


@pytest.mark.parametrize(
    ("encoding", "message"), [("utf-16", "XML entities"), ("cp037", "encoding 'cp037'")]
)
def test_entities_in_other_encodings_are_refused(folder, encoding, message):
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    text = ENTITIES.decode().partition("?>")[2]
    content = (head + text).encode("utf-16")
    if encoding != "utf-16":
        content = head.encode() + text.encode(encoding)
    book = repacked(
        workbook(lambda sheet: sheet.append([1])),
        lambda name, old: content if name == "xl/workbook.xml" else old,
    )
    with pytest.raises(FileFault, match=message):
        one(folder, book)


def test_worksheets_in_utf_16_are_read(folder):
    book = repacked(
        workbook(lambda sheet: sheet.append([5])),
        lambda name, old: old.decode().encode("utf-16") if "sheet1" in name else old,
    )
    assert one(folder, book).rows == [["5"]]


TABLE = "<table><tr><td>地区</td><td>5</td></tr></table>"
PAGES = [
    (f"<html><body>{TABLE}</body></html>", "is an HTML page named .xls"),
    (f"\ufeff<!-- x -->\n<!DOCTYPE html>{TABLE}", "is an HTML page named .xls"),
    (f"Report\n{TABLE}", "is an HTML page named .xls"),
    (f'<?xml version="1.0"?><html>{TABLE}</html>', "is an HTML page named .xls"),
    ("MIME-Version: 1.0\nContent-Type: multipart/related\n", "is a web page in one file"),
    (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "is an XML spreadsheet of Excel 2003 named .xls",
    ),
    ('<?xml version="1.0"?><x/>', "is XML named .xls"),
]


@pytest.mark.parametrize(("text", "message"), PAGES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_pages_named_xls_are_reported(folder, text, message, encoding):
    put(folder, text.encode(encoding), "a.xls")
    with pytest.raises(IngestError, match=message):
        folder.run()
    folder.put("地区,年份,专利授权数\n河南,2019,5\n", "b.csv")
    result = folder.run()
    assert list(folder.values_by_key().values()) == ["5"]
    assert [message in line for line in result.pending] == [True]
    assert folder.run().pending == result.pending


def test_a_page_named_csv_and_an_archive_are_reported(folder):
    with pytest.raises(OtherKind, match=r"is an HTML page named \.csv"):
        one(folder, f"<!DOCTYPE html><html>{TABLE}".encode(), "a.csv")
    with pytest.raises(OtherKind, match="is a ZIP archive, not a workbook"):
        one(folder, archive({"a.csv": "x"}), "a.xlsx")


@pytest.mark.parametrize("ending", [".xls", ".xlsx", ".xlsb", ".ods"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_texts_named_as_workbooks_are_read(folder, ending, delimiter):
    text = "地区,年份,专利授权数\n河南,2019,5\n".replace(",", delimiter)
    put(folder, text.encode(), f"a{ending}")
    result = folder.run()
    assert list(folder.values_by_key().values()) == ["5"]
    assert f"a{ending}: is a text named {ending}, and read as a text." in result.notes


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def xls(fill) -> bytes:
    book = xlwt.Workbook()
    fill(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_xls_is_read_as_displayed(folder):
    def fill(book):
        sheet = book.add_sheet("S")
        cells = [
            (0.761, "0.0%"), (2.0, "General"), (14.7376, "0.00"), (True, "General"),
            (datetime.date(2011, 12, 31), "yyyy-mm-dd"), (13.2, '0.0"万"'), ("2011年", "General"),
        ]  # fmt: skip
        for column, (value, form) in enumerate(cells):
            sheet.write(0, column, value, xlwt.easyxf(num_format_str=form))
        sheet.write(1, 0, 5, xlwt.easyxf("font: struck_out on"))
        raised = xlwt.easyfont("escapement superscript")
        sheet.write_rich_text(1, 1, ["131716", ("1", raised)])
        sheet.write_merge(2, 3, 0, 1, "x")
        sheet.write(3, 3, 1)
        sheet.row(1).hidden = True
        sheet.col(2).hidden = True
        book.add_sheet("H").write(0, 0, "y")
        book.get_sheet(1).visibility = 2

    put(folder, xls(fill), "a.xls")
    one_, two = sheets.read(folder.source / "a.xls", "a.xls")
    assert one_.rows[0] == [
        "76.1%", "2", "14.7376", "TRUE", "2011-12-31 00:00:00", "13.2", "2011年",
    ]  # fmt: skip
    assert one_.rows[1:3] == [["5", "131716"], ["x"]]
    assert one_.scaled == {(0, 5): '0.0"万"'}
    assert one_.blocks == [(2, 0, 3, 1)]
    assert one_.label(3, 0) == "x"
    assert one_.notes == [
        "hidden, but read: 1 row (2).",
        "hidden, but read: 1 column (C).",
        "struck out, but read: 1 cell (A2).",
        "read without a superscript or subscript: 1 cell (B2 '1').",
    ]
    assert "hidden from Excel's menus" in two.notes[0]


def test_formulas_of_xls_without_results_are_marked(folder):
    content = xls(lambda book: book.add_sheet("S").write(0, 0, xlwt.Formula("1+1")))
    sheet = one(folder, content, "a.xls")
    assert sheet.uncomputed == {(0, 0)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[:700], "not a valid Excel workbook"),
        (lambda content: content[:8] + b"\xff" * 900, "not a valid Excel workbook"),
        (lambda content: content.replace(wide("Workbook"), wide("Wordbook")), "without a workbook"),
        (lambda content: content + wide("EncryptedPackage"), "has a password"),
    ],
)  # fmt: skip
def test_broken_xls(folder, change, message):
    content = change(xls(lambda book: book.add_sheet("S").write(0, 0, 1)))
    with pytest.raises(FileFault, match=message):
        one(folder, content, "a.xls")


CELL, TIMES = "table:table-cell", "table:number-columns-repeated"
ROWS = "table:number-rows-repeated"
PERCENT = '<table:table-cell office:value-type="percentage" office:value="0.761"><text:p>76.1%</text:p></table:table-cell>'  # noqa: E501
STYLES = (
    '<style:style style:name="up"><style:text-properties style:text-position="super 58%"/>'
    '</style:style><style:style style:name="out">'
    '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>'
)


def x_with(attributes: str) -> str:
    return ods_cell("x").replace(CELL, f"{CELL} {attributes}", 1)


def of_ods(*rows: str, attributes: str = "") -> bytes:
    return ods(f'<table:table table:name="S" {attributes}>{"".join(rows)}</table:table>', STYLES)


def test_ods_is_read_as_displayed(folder):
    def number(value, shown, more=""):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}" {more}>'
            f"<text:p>{shown}</text:p></table:table-cell>"
        )

    raised = '<table:table-cell office:value-type="string"><text:p>131716<text:span text:style-name="up">1</text:span></text:p></table:table-cell>'  # noqa: E501
    sheet = one(
        folder,
        of_ods(
            '<table:table-column table:number-columns-repeated="2"/>'
            '<table:table-column table:visibility="collapse"/>',
            ods_row(PERCENT, 2.0, number(131716, "131,716"), number(0.5, "50%")),
            ods_row(
                number(132000, "13.2"), number(13.2, "13.2万"), number(1234.5678, "1.234,57"),
                number(5, ""), attributes='table:visibility="filter"',
            ),
            ods_row(raised, x_with('table:style-name="out"'), f'<{CELL} table:formula="of:=1+1"/>'),
            ods_row(
                number(7, "7", 'table:number-rows-spanned="2" table:number-columns-spanned="2"'),
                "<table:covered-table-cell/>", number(1, "1", f'{TIMES}="2"'),
            ),
            ods_row(f'<{CELL} {TIMES}="16000"/>', attributes=f'{ROWS}="1048000"'),
            attributes='table:style-name="off"',
        ),
        "a.ods",
    )  # fmt: skip
    assert sheet.rows == [
        ["76.1%", "2", "131716", "50%"],
        ["132000", "13.2", "1234.5678", "5"],
        ["131716", "x", "="],
        ["7", "", "1", "1"],
    ]
    assert set(sheet.scaled) == {(1, 0), (1, 1)}
    assert sheet.uncomputed == {(2, 2)}
    assert sheet.blocks == [(3, 0, 3, 1)]
    assert sheet.notes == [
        "the sheet is hidden, but read.",
        "hidden (a filter is set), but read: 1 row (2).",
        "hidden, but read: 1 column (C).",
        "struck out, but read: 1 cell (B3).",
        "read without a superscript or subscript: 1 cell (A3 '1').",
        "not displayed by its number format (;;;), but read: 1 cell (D2).",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (of_ods(ods_row(x_with(f'{TIMES}="99999999"'))), "beyond Excel's limits"),
        (of_ods(ods_row(*["x"] * 2000, attributes=f'{ROWS}="1048576"')), "more than 2,000,000"),
        (of_ods(ods_row("x" * 30_000, attributes=f'{ROWS}="1000000"')), "more text"),
        (of_ods(ods_row("x", attributes=f'{ROWS}="9999999999999"')), "beyond Excel's limits"),
        (ods(ENTITIES.decode()), "XML entities"),
        (ods("<table:table"), "not a valid OpenDocument spreadsheet"),
        (archive({"mimetype": "opendocument.text", "content.xml": "<x/>"}), "not a workbook"),
        (ods("", **{"META-INF/manifest.xml": "<x><encryption-data/></x>"}), "has a password"),
    ],
)  # fmt: skip
def test_broken_and_hostile_ods(folder, content, message):
    with pytest.raises(FileFault, match=message):
        one(folder, content, "a.ods")


FAR_TEXT = b"\0\1\0\0\0", b"\0\1\0\0\x70"
FAR_ROW = b"\5\0\0\0", b"\0\0\0\x80"


def test_xlsb_is_read_as_displayed(folder):
    content = xlsb(
        [[*HEAD, "数字"], ["北京", 2019, b"\1", (0.761, 1)], [b"\0", 2019, (57809.0, 2), None]],
        strings=(rich_string("河北"), rich_string("1317161", (6, 2))),
        hidden_rows=(1,),
        hidden_columns=(3,),
        merges=((1, 2, 2, 2),),
        state=1,
    )
    sheet = one(folder, content, "a.xlsb")
    assert sheet.rows[1:] == [["北京", "2019", "131716", "76.1%"], ["河北", "2019", "57809"]]
    assert sheet.blocks == [(1, 2, 2, 2)]
    assert sheet.notes == [
        "the sheet is hidden, but read.",
        "hidden, but read: 1 row (2).",
        "hidden, but read: 1 column (D).",
        "struck out, but read: 1 cell (C3).",
        "read without a superscript or subscript: 1 cell (C2 '1').",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda name, content: content[:-9] if "sheet1" in name else content, "not a valid"),
        (lambda name, content: content.replace(*FAR_TEXT), "not a valid"),
        (
            lambda name, content: content.replace(*FAR_ROW) if "sheet1" in name else content,
            "beyond Excel",
        ),
        (lambda name, content: b"<!DOCTYPE x>" if "rels" in name else content, "XML entities"),
    ],
)  # fmt: skip
def test_broken_and_hostile_xlsb(folder, change, message):
    content = repacked(xlsb([[1.0]] * 6, strings=(rich_string("x"),)), change)
    with pytest.raises(FileFault, match=message):
        one(folder, content, "a.xlsb")


JAPANESE = "都道府県,年,特許\n東京都,2011,57295\n大阪府,2011,123\n北海道,2011,3\n"
FRENCH = "région,année,valeur\nÎle-de-France,2011,1\nRhône-Alpes,2011,3\n"
BIG5 = "地區,年份,專利授權數\n臺北市,2011,57295\n高雄市,2011,123\n"


@pytest.mark.parametrize(
    ("text", "encoding", "likelier"),
    [
        (BIG5, "big5", "big5"),
        (JAPANESE, "shift_jis", "cp932"),
        ("지역,연도,특허\n서울특별시,2011,57295\n부산광역시,2011,123\n", "euc_kr", "cp949"),
        (FRENCH, "cp1252", "windows-1252"),
    ],
)  # fmt: skip
def test_texts_in_other_encodings_are_pending(folder, text, encoding, likelier):
    text.encode(encoding).decode("gb18030")  # which proves nothing
    put(folder, text.encode(encoding), "a.csv")
    result = folder.run()
    assert f"looks like {likelier}: --encoding {likelier}" in result.pending[0]
    assert "a.csv: read as gb18030. This encoding is assumed" in "".join(result.notes)


def test_units_in_another_encoding_are_pending(folder):
    text = "unit_id,year,patents_granted,備註\n11,2011,5,臺北市資料來源\n13,2011,6,高雄市統計\n"
    put(folder, text.encode("big5"), "a.csv")
    assert "looks like big5" in folder.run().pending[0]


@pytest.mark.parametrize(
    "text", ["地区,年份,专利授权数\n河南,2019,5\n", "unit,year,专利授权数\n11,2019,5\n"]
)
def test_chinese_texts_in_gb18030_are_read_at_once(folder, text):
    put(folder, text.encode("gb18030"), "a.csv")
    result = folder.run()
    assert not result.pending
    assert list(folder.values_by_key().values()) == ["5"]
    assert [note for note in result.notes if "gb18030" in note] == [
        "a.csv: read as gb18030. This encoding is assumed, since the text is not UTF-8. If names "
        "look wrong, state the encoding: --encoding big5 (make ingest ENCODING=big5)."
    ]


def test_undecodable_texts_are_reported_with_a_likely_encoding(folder):
    with pytest.raises(FileFault, match=r"It looks like windows-1251\. .*--encoding windows-1251"):
        one(
            folder,
            "регион;год;значение\nМосква;2011;1\nТатарстан;2011;2\n".encode("cp1251"),
            "a.csv",
        )

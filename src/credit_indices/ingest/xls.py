"""Read workbooks of Excel 97-2003 and earlier (.xls) as grids of text, with xlrd."""

import io
import struct
from collections.abc import Iterator
from typing import BinaryIO

import xlrd
from xlrd.compdoc import CompDocError
from xlrd.sheet import Sheet as XlrdSheet

from credit_indices.ingest import limits
from credit_indices.ingest.containers import BROKEN
from credit_indices.ingest.formats import NumberFormat, Run, joined, number_format, number_text
from credit_indices.ingest.grids import Builder, Grid
from credit_indices.ingest.limits import FileFault, OtherKind

BARE = (
    b"\x09\x08\x10\x00\x00\x06",
    b"\x09\x08\x08\x00\x00\x05",
    b"\x09\x04\x06\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x00\x04\x00",
)
"""First bytes of files without a container: the first record of Excel 97, 95, 4, 3 and 2."""
_STATES = {0: "visible", 1: "hidden", 2: "veryHidden"}
_FORMULA, _LINK, _END = 0x06, 0x1B8, 0x0A
_MANY = 100_000
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read(stream: BinaryIO) -> list[Grid]:
    """Read all worksheets, in their order.

    Raises:
        FileFault: it is not a valid workbook, has a password, or is another kind of file.

    """
    stream.seek(0)
    content = stream.read()
    if _ENCRYPTED in content:
        raise OtherKind("has a password. Save it without one.")
    try:
        book = xlrd.open_workbook(
            file_contents=content,
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
            logfile=io.StringIO(),
        )
        if book.nsheets > limits.MAX_SHEETS:
            raise FileFault(f"has more than {limits.MAX_SHEETS} sheets.")
        styles = _Styles(book)
        return [_grid(book, number, styles) for number in range(book.nsheets)]
    except xlrd.XLRDError as error:
        text = str(error)
        if "encrypted" in text.lower() or "password" in text.lower():
            raise OtherKind("has a password. Save it without one.") from None
        if "Can't find workbook" in text:
            raise OtherKind(
                "is an Office 97-2003 file without a workbook. Save its table as .xlsx."
            ) from None
        raise _broken(error) from None
    except (*BROKEN, CompDocError, MemoryError) as error:
        raise _broken(error) from None


def _broken(error: Exception) -> FileFault:
    return FileFault(
        f"is not a valid Excel workbook ({type(error).__name__}: {limits.shown(str(error))}). "
        "Open it in Excel and save it again as .xlsx."
    )


class _Styles:
    """Number formats and fonts by style."""

    def __init__(self, book: xlrd.Book) -> None:
        texts = {key: it.format_str or "General" for key, it in book.format_map.items()}
        known = {key: number_format(text) for key, text in texts.items()}
        general = number_format("General")
        self.formats: list[NumberFormat] = [
            known.get(style.format_key, general) for style in book.xf_list
        ]
        self.of_fonts = [
            (bool(font.struck_out), font.escapement in (1, 2), font.escapement == 1)
            for font in book.font_list
        ]
        self.fonts = [style.font_index for style in book.xf_list]


def _grid(book: xlrd.Book, number: int, styles: _Styles) -> Grid:
    computed, zeros = _scan(book, number) if book.biff_version >= 50 else (False, set())
    sheet = book.sheet_by_index(number)
    builder = Builder(sheet.name)
    builder.note_state(_STATES.get(sheet.visibility, "visible"))
    for row in range(sheet.nrows):
        cells = zip(sheet.row_types(row), sheet.row_values(row), strict=True)
        for column, (kind, value) in enumerate(cells):
            _put(book, sheet, row, column, kind, value, styles, builder)
    if not computed:  # all formulas are 0 or blank, so no program has computed them
        for row, column in sorted(zeros):
            cells = builder.grid.rows[row] if row < len(builder.grid.rows) else []
            if column >= len(cells) or not cells[column].strip():
                builder.put(row, column, "=")
            builder.grid.uncomputed.add((row, column))
    builder.merge(
        (top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells
    )
    builder.note_hidden(
        [row for row, it in sheet.rowinfo_map.items() if it.hidden or it.height == 0],
        [column for column, it in sheet.colinfo_map.items() if it.hidden or it.width == 0],
    )
    book.unload_sheet(number)
    return builder.finish()


def _put(
    book: xlrd.Book,
    sheet: XlrdSheet,
    row: int,
    column: int,
    kind: int,
    value: object,
    styles: _Styles,
    builder: Builder,
) -> None:
    """Write one cell, and note formatting that changes how a person reads it."""
    if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return
    style = sheet.cell_xf_index(row, column)
    form, font = styles.formats[style], styles.of_fonts[styles.fonts[style]]
    is_struck, is_raised, _ = font
    text = _text(kind, value, form, book.datemode)
    if not text.strip():
        return
    if kind == xlrd.XL_CELL_TEXT and (found := sheet.rich_text_runlist_map.get((row, column))):
        rich = joined(_runs(text, found, font, styles))
        text, is_struck, is_raised = rich.text, rich.is_all_struck, False
        if rich.struck:
            builder.note("struck_parts", row, column, rich.struck)
        if rich.raised:
            builder.note("raised", row, column, rich.raised)
    builder.put(row, column, text, is_text=kind == xlrd.XL_CELL_TEXT)
    if kind == xlrd.XL_CELL_NUMBER and form.is_scaled:
        builder.grid.scaled[row, column] = form.text
    if kind == xlrd.XL_CELL_NUMBER and form.is_invisible:
        builder.note("invisible", row, column)
    if is_struck:
        builder.note("struck", row, column)
    if is_raised:
        builder.note("all_raised", row, column)


def _text(kind: int, value: object, form: NumberFormat, datemode: int) -> str:
    """Return a cell as displayed, in the form used for all workbooks."""
    if kind == xlrd.XL_CELL_NUMBER:
        number = float(value)
        whole = int(number) if number.is_integer() and abs(number) < 1e15 else number
        return number_text(whole, form)
    if kind == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(value, datemode).isoformat(" ")
        except (OverflowError, ValueError):
            return "#VALUE!"
    if kind == xlrd.XL_CELL_BOOLEAN:
        return str(bool(value)).upper()
    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(value, "#VALUE!")
    return str(value)


def _runs(
    text: str, found: list[tuple[int, int]], font: tuple[bool, bool, bool], styles: _Styles
) -> Iterator[Run]:
    """Yield the runs of a text, split at the places where the font changes."""
    starts = [(0, font), *((start, styles.of_fonts[index]) for start, index in found)]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    for (start, it), end in zip(starts, ends, strict=True):
        yield Run(text[start:end], *it)


def _scan(book: xlrd.Book, number: int) -> tuple[bool, set[tuple[int, int]]]:
    """Scan the records of a sheet before xlrd reads it.

    Returns:
        Whether a formula has a saved result, and the places of those with 0 or a blank: programs
        that do not compute write these.

    Raises:
        FileFault: links cover so many cells that xlrd would exhaust the memory.

    """
    content, place = book.mem, book._sh_abs_posn[number]
    computed, zeros, linked, depth = False, set(), 0, 0
    while place + 4 <= len(content):
        kind, size = struct.unpack_from("<HH", content, place)
        if kind in (0x09, 0x209, 0x409, 0x809):
            depth += 1
        elif kind == _END:
            depth -= 1
            if depth <= 0:
                break
        elif kind in (_FORMULA, 0x206, 0x406) and size >= 14 and depth == 1:
            row, column, _ = struct.unpack_from("<HHH", content, place + 4)
            result = bytes(content[place + 10 : place + 18])
            if result == bytes(8) or (result[0] == 3 and result[6:] == b"\xff\xff"):
                zeros.add((row, column))
            else:
                computed = True
        elif kind == _LINK and size >= 8:
            top, bottom, left, right = struct.unpack_from("<HHHH", content, place + 4)
            linked += max(bottom - top + 1, 0) * max(right - left + 1, 0)
            if linked > _MANY:
                raise FileFault("has links over more cells than a table has. Save it as .xlsx.")
        place += 4 + size
    return computed, zeros

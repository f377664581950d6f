"""Read Excel workbooks (.xlsx, .xlsm) as grids of text.

openpyxl does not check sizes, places and XML. So the container is checked first, and sheets are
read row by row at the places that their cells state. Nothing in a workbook is executed: formulas
are read for the result that Excel saved.
"""

import datetime
import warnings
from collections.abc import Iterator
from typing import BinaryIO

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from credit_indices.ingest import limits
from credit_indices.ingest.containers import BROKEN, Container
from credit_indices.ingest.formats import (
    NumberFormat,
    Run,
    joined,
    number_format,
    number_text,
)
from credit_indices.ingest.grids import Builder, Grid
from credit_indices.ingest.limits import FileFault


def read(stream: BinaryIO) -> list[Grid]:
    """Read all worksheets, in their order.

    Raises:
        FileFault: it is not a valid workbook, or too large unpacked.

    """
    try:
        with Container(stream) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of drawings and macros
            reader = ExcelReader(
                stream, read_only=True, data_only=True, keep_links=False, rich_text=True
            )
            reader.archive = archive
            reader.read()
            book = reader.wb
            paths = {sheet._worksheet_path for sheet in book.worksheets}
            if not book.worksheets:
                raise FileFault(
                    "holds no worksheet that can be read (Strict Open XML?). Open it in Excel and "
                    "save it as an Excel workbook (.xlsx)."
                )
            if len(paths) < len(book.worksheets) or len(paths) > limits.MAX_SHEETS:
                raise FileFault(f"has more than {limits.MAX_SHEETS} sheets, or one twice.")
            styles = _Styles(book)
            return [_grid(sheet, styles) for sheet in book.worksheets]
    except BROKEN as error:
        raise FileFault(
            f"is not a valid Excel workbook ({type(error).__name__}: {limits.shown(str(error))}). "
            "Open it in Excel and save it again as .xlsx."
        ) from None


class _Styles:
    """Number formats and fonts by style."""

    def __init__(self, book: openpyxl.Workbook) -> None:
        known: dict[str, NumberFormat] = {}
        self.formats: list[NumberFormat] = []
        self.fonts = []
        for style in book._cell_styles:
            text = (
                BUILTIN_FORMATS.get(style.numFmtId, "General")
                if style.numFmtId < BUILTIN_FORMATS_MAX_SIZE
                else book._number_formats[style.numFmtId - BUILTIN_FORMATS_MAX_SIZE]
            )
            if text not in known:
                known[text] = number_format(text)
            self.formats.append(known[text])
            self.fonts.append(_font(book._fonts[style.fontId]))


def _font(font) -> tuple[bool, bool, bool]:  # type: ignore[no-untyped-def] # openpyxl has no types
    """Return whether a font strikes out, raises or lowers, and raises."""
    place = font.vertAlign or ""
    return bool(font.strike), place in ("superscript", "subscript"), place == "superscript"


def _grid(sheet: ReadOnlyWorksheet, styles: _Styles) -> Grid:
    builder = Builder(sheet.title)
    builder.note_state(sheet.sheet_state)
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=sheet.parent.epoch,
            date_formats=sheet.parent._date_formats,
            timedelta_formats=sheet.parent._timedelta_formats,
            rich_text=True,
        )
        for number, cells in parser.parse():
            for cell in cells:
                _put(cell, number - 1, styles, builder)
    merges = parser.merged_cells.mergeCell if parser.merged_cells else ()
    builder.merge((m.min_row - 1, m.min_col - 1, m.max_row - 1, m.max_col - 1) for m in merges)
    hidden = [int(row) - 1 for row, it in parser.row_dimensions.items() if _is_hidden(it, "ht")]
    filtered = getattr(parser, "auto_filter", None)
    builder.note_hidden(
        hidden, _hidden_columns(parser), bool(filtered is not None and filtered.filterColumn)
    )
    return builder.finish()


def _put(cell: dict, row: int, styles: _Styles, builder: Builder) -> None:
    """Write one cell, and note formatting that changes how a person reads it."""
    value, column, style = cell["value"], cell["column"] - 1, cell["style_id"]
    form = styles.formats[style]
    rich = joined(_runs(value, styles.fonts[style])) if isinstance(value, CellRichText) else None
    text = rich.text if rich else _text(value, form)
    if not text.strip():
        return
    builder.put(row, column, text, is_text=isinstance(value, str | CellRichText))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and form.is_scaled:
        builder.grid.scaled[row, column] = form.text
    if is_number and form.is_invisible:
        builder.note("invisible", row, column)
    if cell["data_type"] == "f":
        builder.grid.uncomputed.add((row, column))
    is_struck, is_raised, _ = styles.fonts[style]
    if rich is None:
        if is_struck:
            builder.note("struck", row, column)
        if is_raised:
            builder.note("all_raised", row, column)
        return
    if rich.is_all_struck:
        builder.note("struck", row, column)
    if rich.struck:
        builder.note("struck_parts", row, column, rich.struck)
    if rich.raised:
        builder.note("raised", row, column, rich.raised)


def _runs(text: CellRichText, font: tuple[bool, bool, bool]) -> Iterator[Run]:
    """Yield the runs of a text; those without a font of their own have the cell's."""
    for part in text:
        if isinstance(part, TextBlock):
            yield Run(part.text or "", *_font(part.font))
        else:
            yield Run(str(part), *font)


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    """Return whether a row or a column is hidden, or has no size."""
    return attributes.get("hidden") in ("1", "true") or float(attributes.get(size) or 1) == 0


def _hidden_columns(parser: WorkSheetParser) -> list[int]:
    found = bytearray(limits.MAX_COLUMNS)
    for it in parser.column_dimensions.values():
        if _is_hidden(it, "width"):
            first, last = int(it["min"]) - 1, min(int(it["max"]), limits.MAX_COLUMNS)
            found[first:last] = b"\1" * max(last - first, 0)
    return [column for column in range(limits.MAX_COLUMNS) if found[column]]


class _Parser(WorkSheetParser):
    """openpyxl's cell parser, which also marks formulas whose result was not saved."""

    def parse_cell(self, element):  # type: ignore[no-untyped-def] # openpyxl has no types
        cell = super().parse_cell(element)
        if cell["value"] is None and element.get("t") != "str":
            formula = element.find(FORMULA_TAG)
            if formula is not None:
                cell["data_type"], cell["value"] = "f", f"={formula.text or ''}"
        return cell


def _text(value: object, form: NumberFormat) -> str:
    """Return a cell as displayed: a share shown as 76.1% is 76.1%, a date a date."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return number_text(value, form)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return str(value)

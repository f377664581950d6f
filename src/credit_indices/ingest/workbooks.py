"""Excel workbooks as grids of text, the container checked before anything is parsed.

openpyxl trusts sizes, places and XML. So the container is unpacked once into nothing, to know what
it holds; sheets are then read row by row from where their cells say they are. Nothing in a workbook
is run: formulas are read for the result that Excel saved.
"""

import datetime
import re
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from credit_indices.ingest import limits
from credit_indices.ingest.limits import FileFault
from credit_indices.ingest.measures import is_counted
from credit_indices.ingest.words import is_marked

BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What openpyxl and zipfile raise on broken workbooks; neither checks what it reads."""
BLOCK = 256 * 1024
_SCALES = re.compile(r"[0#?],+(?=[^0#?,]|$)|[!\\]\.")
_MULTIPLES = re.compile("[十百千万亿‰]")
"""Of a format: a comma after the last digit divides by 1,000, `!.` is a point that is none."""
_LITERALS = re.compile(r'"([^"]*)"|[\\!](.)|\[\$([^\]-]*)[^\]]*\]|([$€£])')
MB = 1024**2

Place = tuple[int, int]


@dataclass
class Grid:
    """A worksheet: its name, its rows of text, and what the text does not say.

    ``uncomputed`` holds the places (row, column), from 0, of formulas whose result was not saved;
    ``merged`` the text of the first cell at every other place of a cell merged downwards;
    ``scaled`` the formats of numbers that show another number than the saved one;
    ``across`` the top, left, bottom and right of the cells merged over columns; ``written`` the
    places of numbers that are text, with a comma or a point.
    """

    name: str
    rows: list[list[str]] = field(default_factory=list)
    uncomputed: set[Place] = field(default_factory=set)
    merged: dict[Place, str] = field(default_factory=dict)
    across: list[tuple[int, int, int, int]] = field(default_factory=list)
    scaled: dict[Place, str] = field(default_factory=dict)
    written: set[Place] = field(default_factory=set)


def read(stream: BinaryIO) -> list[Grid]:
    """Read all worksheets, in their order.

    Raises:
        FileFault: it is no sound workbook, or too large unpacked.

    """
    try:
        with zipfile.ZipFile(stream) as archive:
            _inspect(archive)
        stream.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: drawings, macros
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            paths = {sheet._worksheet_path for sheet in book.worksheets}
            if len(paths) < len(book.worksheets) or len(paths) > limits.MAX_SHEETS:
                raise FileFault(f"has more than {limits.MAX_SHEETS} sheets, or one twice.")
            return [_grid(sheet) for sheet in book.worksheets]
    except BROKEN as error:
        raise FileFault(
            f"is not a sound Excel workbook ({type(error).__name__}: {limits.shown(str(error))}). "
            "Open it in Excel and save it anew as .xlsx."
        ) from None


def _inspect(archive: zipfile.ZipFile) -> None:
    """Unpack every part into nothing, to see how large it really is and that it is plain XML."""
    parts = archive.infolist()
    if len(parts) > limits.MAX_MEMBERS:
        raise FileFault(f"has {len(parts):,} parts; a workbook has at most {limits.MAX_MEMBERS:,}.")
    _check_size(sum(part.file_size for part in parts), "says that it has")
    unpacked = tags = 0
    for part in parts:
        if part.flag_bits & 1:
            raise FileFault("has a password: save it without one.")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileFault(f"is packed in a way that Excel does not use ({part.filename}).")
        is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
        tail, since_row = b"", 0
        with archive.open(part) as stream:
            while block := stream.read(BLOCK):
                unpacked += len(block)
                _check_size(unpacked, "has")
                if not is_xml:
                    continue
                tags += block.count(b"<")
                text = tail + block
                if b"<!" in text and re.search(rb"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
                    raise FileFault(f"defines XML entities in {part.filename}; no workbook does.")
                if b"\0" in block:
                    raise FileFault(f"holds NUL bytes in {part.filename}; no workbook does.")
                rows = max(text.rfind(mark) for mark in (b"<row", b":row", b"<si", b":si"))
                since_row = len(text) - rows if rows >= 0 else since_row + len(block)
                if since_row > limits.MAX_ROW_BYTES or tags > limits.MAX_TAGS:
                    raise FileFault(
                        f"has more XML in {part.filename} than a table has. Copy the figures "
                        "into a new workbook."
                    )
                tail = text[-16:]


def _check_size(size: int, says: str) -> None:
    if size > limits.MAX_UNPACKED_BYTES:
        raise FileFault(
            f"{says} more than {limits.MAX_UNPACKED_BYTES // MB} MB unpacked. If that is right, "
            "split it or save it as CSV."
        )


def _grid(sheet: ReadOnlyWorksheet) -> Grid:
    grid = Grid(sheet.title)
    rows, area = grid.rows, 0
    formats = _formats(sheet.parent)
    percentages = ["%" in _bare(text) for text in formats]
    scaling = [
        bool(_SCALES.search(_bare(text)) or _MULTIPLES.search(text)) or _says_measure(text)
        for text in formats
    ]
    with sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=sheet.parent.epoch,
            date_formats=sheet.parent._date_formats,
            timedelta_formats=sheet.parent._timedelta_formats,
        )
        for number, cells in parser.parse():
            for cell in cells:
                text, column = _text(cell, percentages), cell["column"]
                if not text.strip():
                    continue
                if (
                    not 1 <= number <= limits.MAX_ROWS
                    or not 1 <= column <= limits.MAX_COLUMNS
                    or len(text) > limits.MAX_CELL_CHARACTERS
                ):
                    raise FileFault(f"has a cell beyond Excel's limits in sheet {grid.name}.")
                rows.extend([] for _ in range(number - len(rows)))
                row = rows[number - 1]
                area += max(column - len(row), 0)
                if area > limits.MAX_CELLS:
                    raise FileFault(
                        f"has more than {limits.MAX_CELLS:,} cells in sheet {grid.name}. Split "
                        "it, or bring it as observations.parquet, which needs no ingest."
                    )
                row.extend("" for _ in range(column - len(row)))
                row[column - 1] = text
                if scaling[cell["style_id"]] and isinstance(cell["value"], int | float):
                    grid.scaled[number - 1, column - 1] = formats[cell["style_id"]]
                if isinstance(cell["value"], str) and is_marked(text):
                    grid.written.add((number - 1, column - 1))
                if cell["data_type"] == "f":
                    grid.uncomputed.add((number - 1, column - 1))
    for merge in parser.merged_cells.mergeCell if parser.merged_cells else ():
        top, column = merge.min_row - 1, merge.min_col - 1
        if merge.max_col > merge.min_col:
            grid.across.append((top, column, merge.max_row - 1, merge.max_col - 1))
        text = rows[top][column] if top < len(rows) and column < len(rows[top]) else ""
        places = range(top + 1, min(merge.max_row, len(rows))) if text else range(0)
        area += len(places)
        if area > limits.MAX_CELLS:
            raise FileFault(f"has too many merged cells in sheet {grid.name}.")
        grid.merged |= {(row, column): text for row in places}
    return grid


class _Parser(WorkSheetParser):
    """openpyxl's reader of cells, which marks formulas whose result was not saved as such."""

    def parse_cell(self, element):  # type: ignore[no-untyped-def]
        cell = super().parse_cell(element)
        if cell["value"] is None and element.get("t") != "str":
            formula = element.find(FORMULA_TAG)
            if formula is not None:
                cell["data_type"], cell["value"] = "f", f"={formula.text or ''}"
        return cell


def _formats(book: openpyxl.Workbook) -> list[str]:
    """Return for each style of cells the format of its numbers."""
    return [
        BUILTIN_FORMATS.get(style.numFmtId, "General")
        if style.numFmtId < BUILTIN_FORMATS_MAX_SIZE
        else book._number_formats[style.numFmtId - BUILTIN_FORMATS_MAX_SIZE]
        for style in book._cell_styles
    ]


def _says_measure(text: str) -> bool:
    """Whether a format adds words to a number, other than what is counted, or a currency.

    The formats that come with Excel show the currency of its country, whatever is meant.
    """
    if text in BUILTIN_FORMATS.values():
        return False
    literals = ("".join(match.groups("")).strip() for match in _LITERALS.finditer(text))
    return any(
        re.search(r"[^\W\d_]|[$€£]", literal) and not is_counted(literal) for literal in literals
    )


def _bare(text: str) -> str:
    """Return a format of numbers without the characters that it only shows, but for points."""
    return re.sub(r'"[^"]*"|\\[^.]|_.|\*.|\[[^\]]*\]', "", text)


def _text(cell: dict, percentages: list[bool]) -> str:
    """Return a cell as a person sees it: a share shown as 76.1% is 76.1%, a date a date."""
    value = cell["value"]
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        if percentages[cell["style_id"]]:
            return f"{(Decimal(repr(value)) * 100).normalize():f}%"
        return repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return str(value)

"""Read binary Excel workbooks (.xlsb) as grids of text.

python-calamine reads the values. It does not report percentages, hidden or merged cells or
struck-out text, and it does not check cell positions, so the records of each sheet are scanned
first. Record numbers: [MS-XLSB] 2.3.
"""

import datetime
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.etree.ElementTree import fromstring

import python_calamine
import xlrd
from openpyxl.styles.numbers import BUILTIN_FORMATS
from python_calamine import CalamineWorkbook, SheetTypeEnum

from credit_indices.ingest import limits
from credit_indices.ingest.containers import BROKEN, Container
from credit_indices.ingest.formats import NumberFormat, Run, joined, number_format, number_text
from credit_indices.ingest.grids import Builder, Grid
from credit_indices.ingest.limits import FileFault, OtherKind

_ROW, _COLUMNS, _MERGE, _FILTER = 0, 60, 176, 163
_ERRORS, _SHARED, _RICH = (3, 11), 7, 62
_CELLS = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 62}
_BEGIN_STRINGS, _STRING = 159, 19
_SHEET, _FORMAT, _FONT, _STYLE, _BEGIN_STYLES, _END_STYLES = 156, 44, 43, 47, 617, 618
_STATES = {0: "visible", 1: "hidden", 2: "veryHidden"}
_PLAIN = (False, False, False)


def read(stream: BinaryIO) -> list[Grid]:
    """Read all worksheets, in their order.

    Raises:
        FileFault: it is not a valid workbook, or too large.

    """
    try:
        with Container(stream) as archive:
            book = _Book(archive)
            scans = {name: _scan(archive.read(path), book.fonts) for name, _, path in book.sheets}
        stream.seek(0)
        with CalamineWorkbook.from_filelike(io.BytesIO(stream.read())) as workbook:
            types = {it.name: it.typ for it in workbook.sheets_metadata}
            return [
                _grid(workbook, name, state, scans[name], book)
                for name, state, _ in book.sheets
                if types.get(name) == SheetTypeEnum.WorkSheet
            ]
    except python_calamine.PasswordError:
        raise OtherKind("has a password. Save it without one.") from None
    except (*BROKEN, python_calamine.CalamineError) as error:
        raise _broken(error) from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # from Rust; not an Exception
            raise _broken(error) from None
        raise


def _broken(error: BaseException) -> FileFault:
    return FileFault(
        f"is not a valid Excel workbook ({type(error).__name__}: {limits.shown(str(error))}). "
        "Open it in Excel and save it again as .xlsx."
    )


@dataclass
class _Scan:
    """Contents of a sheet's records.

    ``cells`` has by position the style, the kind, and the number of the shared text or of the
    error.
    """

    cells: dict[tuple[int, int], tuple[int, int, int]] = field(default_factory=dict)
    rich: dict[tuple[int, int], list[Run]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    is_filtered: bool = False


def _records(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the number, the start and the end of each record."""
    place, end = 0, len(content)
    while place < end:
        kind = content[place]
        place += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (content[place] & 0x7F) << 7
            place += 1
        size = shift = 0
        while True:
            byte = content[place]
            place += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift == 28:
                break
        if place + size > end:
            raise ValueError("a record goes beyond the end of its part")
        yield kind, place, place + size
        place += size


def _wide(content: bytes, place: int) -> tuple[str, int]:
    """Return a UTF-16 text and the position after it."""
    (size,) = struct.unpack_from("<I", content, place)
    if size == 0xFFFFFFFF:
        return "", place + 4
    end = place + 4 + 2 * size
    if end > len(content):
        raise ValueError("a text goes beyond the end of its part")
    return content[place + 4 : end].decode("utf-16-le", "replace"), end


class _Book:
    """Sheets, styles and shared texts of a workbook.

    ``sheets`` are names, states and parts; ``strings`` the formatted runs of shared texts that have
    any.
    """

    def __init__(self, archive: Container) -> None:
        rels = fromstring(archive.read("xl/_rels/workbook.bin.rels"))
        targets = {it.get("Id"): it.get("Target", "") for it in rels}
        names = set(archive.namelist())
        self.sheets: list[tuple[str, str, str]] = []
        content = archive.read("xl/workbook.bin")
        for kind, start, _ in _records(content):
            if kind != _SHEET:
                continue
            (state,) = struct.unpack_from("<I", content, start)
            relation, place = _wide(content, start + 8)
            name, _ = _wide(content, place)
            target = targets[relation]
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if path in names:
                self.sheets.append((name, _STATES.get(state, "visible"), path))
        if len({name for name, _, _ in self.sheets}) < len(self.sheets) or (
            len(self.sheets) > limits.MAX_SHEETS
        ):
            raise FileFault(f"has more than {limits.MAX_SHEETS} sheets, or one twice.")
        self.formats: list[NumberFormat] = []
        self.fonts: list[tuple[bool, bool, bool]] = []
        self.of_styles: list[int] = []
        self._read_styles(archive.read("xl/styles.bin") if "xl/styles.bin" in names else b"")
        self.strings: dict[int, list[Run]] = {}
        if "xl/sharedStrings.bin" in names:
            self._read_strings(archive.read("xl/sharedStrings.bin"))

    def _read_styles(self, content: bytes) -> None:
        texts, is_in_styles = dict(BUILTIN_FORMATS), False
        for kind, start, _ in _records(content):
            if kind == _FORMAT:
                (number,) = struct.unpack_from("<H", content, start)
                texts[number], _ = _wide(content, start + 2)
            elif kind == _FONT:
                _, flags, _, place = struct.unpack_from("<HHHH", content, start)
                self.fonts.append((bool(flags & 8), place in (1, 2), place == 1))
            elif kind in (_BEGIN_STYLES, _END_STYLES):
                is_in_styles = kind == _BEGIN_STYLES
            elif kind == _STYLE and is_in_styles:
                _, number, font = struct.unpack_from("<HHH", content, start)
                self.formats.append(number_format(texts.get(number, "General")))
                self.of_styles.append(font)

    def _read_strings(self, content: bytes) -> None:
        count = declared = 0
        for kind, start, _ in _records(content):
            if kind == _BEGIN_STRINGS:
                _, declared = struct.unpack_from("<II", content, start)
            elif kind == _STRING:
                if found := _rich(content, start, self.fonts):
                    self.strings[count] = found
                count += 1
        if declared > count:
            raise ValueError(f"{declared} shared texts are declared, but there are {count}")

    def font(self, style: int) -> tuple[bool, bool, bool]:
        number = self.of_styles[style] if self.of_styles else 0
        return self.fonts[number] if self.fonts else _PLAIN

    def format(self, style: int) -> NumberFormat:
        return self.formats[style] if self.formats else number_format("General")


def _rich(content: bytes, start: int, fonts: list[tuple[bool, bool, bool]]) -> list[Run]:
    """Return the runs of a text with several fonts; an empty list for a text with one font."""
    text, place = _wide(content, start + 1)
    if not content[start] & 1:
        return []
    (count,) = struct.unpack_from("<I", content, place)
    if count > limits.MAX_CELL_CHARACTERS:
        raise ValueError(f"a text has {count} parts")
    runs = [struct.unpack_from("<HH", content, place + 4 + 4 * i) for i in range(count)]
    starts = [(0, None), *runs]
    ends = [at for at, _ in runs] + [len(text)]
    return [
        Run(text[at:end], *(fonts[font] if font is not None else _PLAIN))
        for (at, font), end in zip(starts, ends, strict=True)
    ]


def _scan(content: bytes, fonts: list[tuple[bool, bool, bool]]) -> _Scan:
    """Scan the records of a sheet.

    Raises:
        FileFault: it has more cells, or cells farther away, than a sheet may have.

    """
    found, row, width = _Scan(), -1, 0
    for kind, start, _ in _records(content):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", content, start)
            (height,) = struct.unpack_from("<H", content, start + 8)
            if content[start + 11] & 0x10 or height == 0:
                found.hidden_rows.append(row)
        elif kind in _CELLS:
            column, style = struct.unpack_from("<II", content, start)
            number = struct.unpack_from("<I", content, start + 8)[0] if kind == _SHARED else -1
            number = content[start + 8] if kind in _ERRORS else number
            if not (row < limits.MAX_ROWS and column < limits.MAX_COLUMNS):
                raise FileFault("has a cell beyond Excel's limits.")
            found.cells[row, column] = style & 0xFFFFFF, kind, number
            width = max(width, column + 1)
            if (row + 1) * width > limits.MAX_CELLS:
                raise FileFault(f"has more than {limits.MAX_CELLS:,} cells in a sheet. Split it.")
            if kind == _RICH:
                text, _ = _wide(content, start + 9)
                found.rich[row, column] = _rich(content, start + 8, fonts) or [Run(text)]
        elif kind == _COLUMNS:
            first, last, size = struct.unpack_from("<III", content, start)
            if content[start + 16] & 1 or size == 0:
                found.hidden_columns.update(range(first, min(last + 1, limits.MAX_COLUMNS)))
        elif kind == _MERGE:
            top, bottom, left, right = struct.unpack_from("<IIII", content, start)
            found.merges.append((top, left, bottom, right))
        elif kind == _FILTER:
            found.is_filtered = True
    return found


def _grid(workbook: CalamineWorkbook, name: str, state: str, scan: _Scan, book: _Book) -> Grid:
    builder = Builder(name)
    builder.note_state(state)
    rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    for (row, column), (style, kind, number) in sorted(scan.cells.items()):
        value = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
        runs = book.strings.get(number) or scan.rich.get((row, column))
        if kind in _ERRORS:
            value = xlrd.error_text_from_code.get(number, "#VALUE!")
        _put(row, column, value, runs, book.format(style), book.font(style), builder)
    builder.merge(scan.merges)
    builder.note_hidden(scan.hidden_rows, scan.hidden_columns, scan.is_filtered)
    return builder.finish()


def _put(
    row: int,
    column: int,
    value: object,
    runs: list[Run] | None,
    form: NumberFormat,
    font: tuple[bool, bool, bool],
    builder: Builder,
) -> None:
    """Write one cell, and note formatting that changes how a person reads it."""
    is_struck, is_raised, _ = font
    rich = None
    if runs:
        runs = [Run(runs[0].text, *font), *runs[1:]]
        rich = joined(runs)
        is_struck, is_raised = rich.is_all_struck, False
    text = rich.text if rich else _text(value, form)
    if not text.strip():
        return
    builder.put(row, column, text, is_text=isinstance(value, str))
    if isinstance(value, int | float) and not isinstance(value, bool):
        if form.is_scaled:
            builder.grid.scaled[row, column] = form.text
        if form.is_invisible:
            builder.note("invisible", row, column)
    if rich and rich.struck:
        builder.note("struck_parts", row, column, rich.struck)
    if rich and rich.raised:
        builder.note("raised", row, column, rich.raised)
    if is_struck:
        builder.note("struck", row, column)
    if is_raised:
        builder.note("all_raised", row, column)


def _text(value: object, form: NumberFormat) -> str:
    """Return a cell as displayed, in the form used for all workbooks."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        is_whole = float(value).is_integer() and abs(value) < 1e15
        return number_text(int(value) if is_whole else value, form)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    if isinstance(value, datetime.date):
        return f"{value.isoformat()} 00:00:00"
    return str(value)

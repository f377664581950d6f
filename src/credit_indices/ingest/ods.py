"""Read OpenDocument spreadsheets (.ods) as grids of text.

No maintained reader of this format reports percentages, hidden cells or struck-out text. The format
has all of it in two XML parts, which are read here element by element. The format: OpenDocument
1.3, part 3, chapters 8, 9 and 16.
"""

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO
from xml.etree.ElementTree import Element, iterparse

from credit_indices.ingest import limits
from credit_indices.ingest.cell_text import is_number, is_numeric, narrow, number
from credit_indices.ingest.containers import BROKEN, Container
from credit_indices.ingest.formats import Run, joined, number_format, number_text
from credit_indices.ingest.grids import Builder, Grid
from credit_indices.ingest.limits import FileFault, OtherKind
from credit_indices.ingest.measurement_units import is_counted

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
TABLE, OFFICE, TEXT, STYLE = (
    f"{{{_NAMES}{name}:1.0}}" for name in ("table", "office", "text", "style")
)
_MANIFEST = "META-INF/manifest.xml"
_NUMBERS = ("float", "currency", "percentage")
_PLAIN = number_format("General")
_PERCENT = number_format("0%")
_HIDDEN = ("collapse", "filter")
_NOTES = {f"{OFFICE}annotation", f"{TEXT}note", f"{TEXT}ruby-text"}
"""Elements inside a cell or a text that are not part of it: comments, footnotes, pronunciations."""


@dataclass
class _Style:
    """Style of a cell, a part of a text or a sheet; None where the parent style applies."""

    parent: str = ""
    is_struck: bool | None = None
    place: str | None = None
    is_shown: bool = True


def read(stream: BinaryIO) -> list[Grid]:
    """Read all sheets, in their order.

    Raises:
        FileFault: it is not a valid spreadsheet, has a password, or is too large unpacked.

    """
    try:
        with Container(stream) as archive:
            names = set(archive.namelist())
            if _MANIFEST in names and b"encryption-data" in archive.raw(_MANIFEST):
                raise OtherKind("has a password. Save it without one.")
            styles: dict[str, _Style] = {}
            if "styles.xml" in names:
                with archive.open("styles.xml") as part:
                    for _, element in iterparse(part):
                        _add_style(element, styles)
            with archive.open("content.xml") as part:
                return list(_sheets(part, styles))
    except BROKEN as error:
        raise FileFault(
            f"is not a valid OpenDocument spreadsheet ({type(error).__name__}: "
            f"{limits.shown(str(error))}). Open it in LibreOffice or Excel and save it again."
        ) from None


def _add_style(element: Element, styles: dict[str, _Style]) -> None:
    if element.tag != f"{STYLE}style":
        return
    found = _Style(element.get(f"{STYLE}parent-style-name", ""))
    for properties in element:
        if properties.tag == f"{STYLE}text-properties":
            line = properties.get(f"{STYLE}text-line-through-style")
            kind = properties.get(f"{STYLE}text-line-through-type")
            if line is not None or kind is not None:
                found.is_struck = (line or kind) != "none"
            place = properties.get(f"{STYLE}text-position")
            if place is not None:
                found.place = _place(place)
        if properties.get(f"{TABLE}display") == "false":
            found.is_shown = False
        for size in ("row-height", "column-width"):
            if re.fullmatch(r"0(?:\.0*)?(?:[a-z]+)?", properties.get(f"{STYLE}{size}", "")):
                found.is_shown = False
    styles[element.get(f"{STYLE}name", "")] = found


def _place(text: str) -> str:
    """Return super, sub or '' for a position such as `33% 58%`."""
    first = text.split()[0] if text.split() else ""
    if first in ("super", "sub"):
        return first
    height = float(first.rstrip("%") or 0)
    return "super" if height > 0 else "sub" if height < 0 else ""


def _font(name: str, styles: dict[str, _Style]) -> tuple[bool | None, str | None]:
    """Return whether a style strikes out, and whether it is a superscript or a subscript."""
    is_struck, place = None, None
    for _ in range(20):
        style = styles.get(name)
        if style is None:
            break
        is_struck = style.is_struck if is_struck is None else is_struck
        place = style.place if place is None else place
        name = style.parent
    return is_struck, place


def _sheets(part: BinaryIO, styles: dict[str, _Style]) -> Iterator[Grid]:
    sheet: _Sheet | None = None
    depth, found = 0, 0
    for event, element in iterparse(part, events=("start", "end")):
        tag = element.tag
        if tag == f"{TABLE}table":
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 1:
                found += 1
                if found > limits.MAX_SHEETS:
                    raise FileFault(f"has more than {limits.MAX_SHEETS} sheets.")
                sheet = _Sheet(element, styles)
            elif event == "end" and depth == 0 and sheet:
                yield sheet.finish()
                sheet = None
                element.clear()
        elif sheet is None or depth > 1:
            if event == "end":
                _add_style(element, styles)
        elif event == "start":
            if tag in (f"{TABLE}table-column-group", f"{TABLE}table-row-group"):
                sheet.groups.append(element.get(f"{TABLE}display") == "false")
            elif tag == f"{TABLE}table-row":
                sheet.is_in_row = True
        elif tag in (f"{TABLE}table-column-group", f"{TABLE}table-row-group"):
            sheet.groups.pop()
        elif tag == f"{TABLE}table-column":
            sheet.column(element)
        elif tag == f"{TABLE}table-row":
            sheet.row(element)
            element.clear()
        elif tag == f"{TABLE}shapes":
            element.clear()


class _Sheet:
    """A sheet while it is read."""

    def __init__(self, element: Element, styles: dict[str, _Style]) -> None:
        self.styles = styles
        self.builder = Builder(element.get(f"{TABLE}name", ""))
        style = styles.get(element.get(f"{TABLE}style-name", ""))
        self.builder.note_state("hidden" if style and not style.is_shown else "visible")
        self.groups: list[bool] = []
        self.is_in_row = False
        self.is_filtered = False
        self.rows: set[int] = set()
        self.columns: set[int] = set()
        self.ends: list[int] = []
        self.defaults: list[str] = []
        self.blocks: list[tuple[int, int, int, int]] = []
        self.next_row = self.next_column = 0

    def column(self, element: Element) -> None:
        count = _repeated(element, "columns")
        first, self.next_column = self.next_column, self.next_column + count
        if self._is_hidden(element):
            self.columns.update(range(first, min(self.next_column, limits.MAX_COLUMNS)))
        if first < limits.MAX_COLUMNS:
            self.ends.append(self.next_column)
            self.defaults.append(element.get(f"{TABLE}default-cell-style-name", ""))

    def row(self, element: Element) -> None:
        count = _repeated(element, "rows")
        first, self.next_row = self.next_row, self.next_row + count
        cells, column = [], 0
        for cell in element:
            if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                continue
            times = _repeated(cell, "columns")
            if len(cell) or cell.get(f"{OFFICE}value-type") or cell.get(f"{TABLE}formula"):
                cells.append((column, times, cell))
            column += times
        if not cells:
            return
        if self._is_hidden(element):
            self.rows.update(range(first, min(self.next_row, limits.MAX_ROWS)))
            self.is_filtered |= element.get(f"{TABLE}visibility") == "filter"
        default = element.get(f"{TABLE}default-cell-style-name", "")
        for row in range(first, first + count):
            for column, times, cell in cells:
                for place in range(column, column + times):
                    self._put(row, place, cell, default)
            if row == first and not self.builder.holds(row, count - 1):
                break  # the copies have no text either

    def _is_hidden(self, element: Element) -> bool:
        style = self.styles.get(element.get(f"{TABLE}style-name", ""))
        return (
            element.get(f"{TABLE}visibility") in _HIDDEN
            or any(self.groups)
            or bool(style and not style.is_shown)
        )

    def _put(self, row: int, column: int, cell: Element, default: str) -> None:
        """Write one cell, and note formatting that changes how a person reads it."""
        style = cell.get(f"{TABLE}style-name") or default or self._default(column)
        is_struck, place = _font(style, self.styles)
        font = bool(is_struck), place or ""
        shown = joined(_runs(cell, font, self.styles))
        kind = cell.get(f"{OFFICE}value-type", "")
        text, builder = _text(cell, kind, shown.text), self.builder
        is_uncomputed = not text.strip() and not kind and bool(cell.get(f"{TABLE}formula"))
        text = "=" if is_uncomputed else text
        if not text.strip():
            return
        builder.put(row, column, text, is_text=kind == "string")
        if is_uncomputed:
            builder.grid.uncomputed.add((row, column))
        if kind in _NUMBERS:
            if not shown.text.strip():
                if len(cell):
                    builder.note("invisible", row, column)
            elif _shows_another(text, shown.text):
                builder.grid.scaled[row, column] = limits.shown(shown.text, 30)
        elif shown.struck or shown.raised:
            if shown.struck:
                builder.note("struck_parts", row, column, shown.struck)
            if shown.raised:
                builder.note("raised", row, column, shown.raised)
        if shown.is_all_struck:
            builder.note("struck", row, column)
        if font[1] and not shown.raised:
            builder.note("all_raised", row, column)
        down = int(cell.get(f"{TABLE}number-rows-spanned", 1))
        across = int(cell.get(f"{TABLE}number-columns-spanned", 1))
        if down > 1 or across > 1:
            self.blocks.append((row, column, row + down - 1, column + across - 1))

    def _default(self, column: int) -> str:
        place = bisect.bisect_right(self.ends, column)
        return self.defaults[place] if place < len(self.defaults) else ""

    def finish(self) -> Grid:
        self.builder.merge(self.blocks)
        self.builder.note_hidden(self.rows, self.columns, self.is_filtered)
        return self.builder.finish()


def _repeated(element: Element, axis: str) -> int:
    times = int(element.get(f"{TABLE}number-{axis}-repeated", 1))
    if times < 1:
        raise ValueError(f"number-{axis}-repeated is {times}")
    return times


def _runs(cell: Element, font: tuple[bool, str], styles: dict[str, _Style]) -> Iterator[Run]:
    """Yield the runs of the paragraphs of a cell, with line breaks between paragraphs."""
    is_first = True
    for paragraph in cell:
        if paragraph.tag == f"{TEXT}p":
            if not is_first:
                yield Run("\n", font[0])
            is_first = False
            yield from _parts(paragraph, font, styles, 0)


def _parts(
    element: Element, font: tuple[bool, str], styles: dict[str, _Style], depth: int
) -> Iterator[Run]:
    """Yield the texts within an element, each in the font of the innermost span."""
    if depth > 50:
        raise ValueError("texts are nested more than 50 levels deep")
    yield Run(element.text or "", font[0], bool(font[1]), font[1] == "super")
    for child in element:
        if child.tag == f"{TEXT}s":
            count = min(int(child.get(f"{TEXT}c", 1)), limits.MAX_CELL_CHARACTERS + 1)
            yield Run(" " * count, font[0])
        elif child.tag == f"{TEXT}tab":
            yield Run("\t", font[0])
        elif child.tag == f"{TEXT}line-break":
            yield Run("\n", font[0])
        elif child.tag not in _NOTES:
            is_struck, place = _font(child.get(f"{TEXT}style-name", ""), styles)
            own = font[0] if is_struck is None else is_struck, font[1] if place is None else place
            yield from _parts(child, own, styles, depth + 1)
        yield Run(child.tail or "", font[0], bool(font[1]), font[1] == "super")


def _text(cell: Element, kind: str, shown: str) -> str:
    """Return a cell's value in the form used for all workbooks: 76.1% if shown as a percentage."""
    if kind in _NUMBERS:
        value = float(cell.get(f"{OFFICE}value", ""))
        whole = int(value) if value.is_integer() and abs(value) < 1e15 else value
        percent = number_text(whole, _PERCENT)
        is_percentage = kind == "percentage" or (
            shown.strip().endswith(("%", "％")) and not _shows_another(percent, shown)
        )
        return percent if is_percentage else number_text(whole, _PLAIN)
    if kind == "date":
        text = cell.get(f"{OFFICE}date-value", "")
        return f"{text} 00:00:00" if len(text) == 10 else text.replace("T", " ")
    if kind == "boolean":
        return cell.get(f"{OFFICE}boolean-value", "").upper()
    if kind == "time":
        return cell.get(f"{OFFICE}time-value", "")
    if kind == "string" and not shown:
        return cell.get(f"{OFFICE}string-value", "")
    return shown


def _shows_another(text: str, shown: str) -> bool:
    """Return whether a number is displayed as another one, or with a unit or a currency."""
    value, is_percentage = number(text)
    for mark in ".,":
        if not is_number(shown, mark):
            continue
        seen, is_shown_percentage = number(shown, mark)
        unit = Decimal(1).scaleb(seen.as_tuple().exponent)
        if is_percentage == is_shown_percentage and abs(seen - value) <= unit:
            return False
    if is_numeric(shown):
        return True
    words = re.sub(r"[0-9.,'+\-()\s]", "", narrow(shown))
    return bool(re.search(r"[^\W\d_]|[$€£%]", words)) and not is_counted(words)

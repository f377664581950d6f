"""Grids of text that workbook readers fill, within the limits of a sheet."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from credit_indices.ingest import limits
from credit_indices.ingest.cell_text import is_marked
from credit_indices.ingest.limits import FileFault

Place = tuple[int, int]
Block = tuple[int, int, int, int]
"""Top, left, bottom and right of merged cells, from 0, inclusive."""

CELL_NOTES = {
    "struck": "struck out, but read",
    "struck_parts": "read without a struck-out part",
    "raised": "read without a superscript or subscript",
    "all_raised": "in superscript or subscript, but read",
    "invisible": "not displayed by its number format (;;;), but read",
}
"""Notes, by kind, on cells that are displayed differently."""
FIRST_PLACES = 5


@dataclass
class Grid:
    """A worksheet: its name, its rows of text, and properties that the text does not show.

    ``uncomputed`` holds the places (row, column), from 0, of formulas whose result was not saved;
    ``merged`` the text of the first cell at every other place of a cell merged downwards;
    ``scaled`` number formats that show another number than the stored one; ``across`` the cells
    merged over columns; ``blocks`` all merged cells with a text, as far as there are rows;
    ``written`` the places of numbers stored as text, with a comma or a point; ``notes`` messages on
    hidden or struck-out cells.
    """

    name: str
    rows: list[list[str]] = field(default_factory=list)
    uncomputed: set[Place] = field(default_factory=set)
    merged: dict[Place, str] = field(default_factory=dict)
    across: list[Block] = field(default_factory=list)
    scaled: dict[Place, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    written: set[Place] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


class Builder:
    """Fills a grid cell by cell; refuses a sheet that exceeds the limits."""

    def __init__(self, name: str) -> None:
        self.grid = Grid(name)
        self._area = self._characters = 0
        self._merged_area = 0
        self._places: dict[str, dict[Place, str]] = defaultdict(dict)

    def put(self, row: int, column: int, text: str, is_text: bool = False) -> None:
        """Write a text that is not blank at a place, from 0; `is_text` if the cell is not a number.

        Raises:
            FileFault: the place or the text is beyond the limits of a sheet.

        """
        if not 0 <= column < limits.MAX_COLUMNS or len(text) > limits.MAX_CELL_CHARACTERS:
            raise self._beyond_limits()
        rows = self.grid.rows
        cells = rows[row] if 0 <= row < len(rows) else ()
        self._area += max(column + 1 - len(cells), 0)
        self._characters += len(text)
        self._require_room(row, self._area, self._characters)
        rows.extend([] for _ in range(row + 1 - len(rows)))
        cells = rows[row]
        cells.extend("" for _ in range(column + 1 - len(cells)))
        cells[column] = text
        if is_text and is_marked(text):
            self.grid.written.add((row, column))

    def holds(self, row: int, copies: int) -> bool:
        """Return whether a row has a text, and check that copies of it below fit into the limits.

        Raises:
            FileFault: the copies are beyond the limits of a sheet.

        """
        cells = self.grid.rows[row] if row < len(self.grid.rows) else []
        if cells:
            area = self._area + copies * len(cells)
            characters = self._characters + copies * sum(map(len, cells))
            self._require_room(row + copies, area, characters)
        return bool(cells)

    def _require_room(self, row: int, area: int, characters: int) -> None:
        if not 0 <= row < limits.MAX_ROWS:
            raise self._beyond_limits()
        if area > limits.MAX_CELLS:
            raise FileFault(
                f"has more than {limits.MAX_CELLS:,} cells in sheet {self.grid.name}. Split "
                "it, or provide it as observations.parquet, which needs no ingest."
            )
        if characters > limits.MAX_UNPACKED_BYTES:
            raise FileFault(f"has more text in sheet {self.grid.name} than a table has.")

    def _beyond_limits(self) -> FileFault:
        return FileFault(f"has a cell beyond Excel's limits in sheet {self.grid.name}.")

    def merge(self, blocks: Iterable[Block]) -> None:
        """Record the merged cells, after all texts were put.

        Raises:
            FileFault: they cover more cells than a sheet may have.

        """
        grid = self.grid
        rows = grid.rows
        width = max(map(len, rows), default=0)
        for top, left, bottom, right in blocks:
            if right > left:
                grid.across.append((top, left, bottom, right))
            bottom, right = min(bottom, len(rows) - 1), min(right, width - 1)
            if bottom < top or right < left or (bottom == top and right == left):
                continue
            self._merged_area += (bottom - top + 1) * (right - left + 1)
            if self._merged_area > limits.MAX_CELLS:
                raise FileFault(f"has too many merged cells in sheet {grid.name}.")
            grid.blocks.append((top, left, bottom, right))
            if text := rows[top][left] if left < len(rows[top]) else "":
                grid.merged |= {(row, left): text for row in range(top + 1, bottom + 1)}

    def note(self, kind: str, row: int, column: int, left_out: str = "") -> None:
        """Note a cell that is displayed differently; `left_out` is the text left out of it."""
        self._places[kind][row, column] = left_out

    def note_state(self, state: str) -> None:
        """Note that a sheet is hidden, from its `state`."""
        if state in ("hidden", "veryHidden"):
            how = "hidden" if state == "hidden" else "hidden from Excel's menus"
            self.grid.notes.append(f"the sheet is {how}, but read.")

    def note_hidden(
        self, rows: Iterable[int], columns: Iterable[int], is_filtered: bool = False
    ) -> None:
        """Note the hidden rows and columns, from 0, that have a text."""
        grid = self.grid
        found = sorted({row for row in rows if row < len(grid.rows) and any(grid.rows[row])})
        if found:
            why = " (a filter is set)" if is_filtered else ""
            names = _ranges(found, lambda row: str(row + 1))
            grid.notes.append(f"hidden{why}, but read: {_number(len(found), 'row')} ({names}).")
        hidden = set(columns)
        used = {c for cells in grid.rows for c, text in enumerate(cells) if text} if hidden else ()
        if found := sorted(hidden.intersection(used)):
            names = _ranges(found, column_letters)
            grid.notes.append(f"hidden, but read: {_number(len(found), 'column')} ({names}).")

    def finish(self) -> Grid:
        """Return the grid with its notes."""
        for kind, note in CELL_NOTES.items():
            if places := self._places.get(kind):
                first = [
                    f"{column_letters(column)}{row + 1}"
                    + (f" {limits.shown(text, 30)}" if text else "")
                    for (row, column), text in list(places.items())[:FIRST_PLACES]
                ]
                more = (
                    [f"and {len(places) - FIRST_PLACES} more"] if len(places) > FIRST_PLACES else []
                )
                cells = _number(len(places), "cell")
                self.grid.notes.append(f"{note}: {cells} ({', '.join(first + more)}).")
        return self.grid


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _ranges(numbers: list[int], name: Callable[[int], str]) -> str:
    """Return the first of sorted numbers as ranges: 3, 5-7."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    texts = [name(a) if a == b else f"{name(a)}-{name(b)}" for a, b in ranges[:FIRST_PLACES]]
    return ", ".join([*texts, "..."] if len(ranges) > FIRST_PLACES else texts)


def column_letters(column: int) -> str:
    """Return the letters that spreadsheets give a column, from 0: A, B, ..., Z, AA."""
    letters = ""
    column += 1
    while column:
        column, remainder = divmod(column - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters

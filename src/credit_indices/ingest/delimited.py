"""Detect how the cells of a text are separated: a character, blanks, or fixed-width columns."""

import csv
import itertools
import re
from collections import Counter

MARKS = ",\t;|"
BLANKS = " "
"""Stands for runs of blanks, and for fixed-width columns."""
MAX_WIDTH = 10_000
"""Limit of characters of a line for the search of fixed-width columns."""
_SEVERAL = re.compile(r"(?<!\S)[0-9][0-9.,]*\s+(?![0-9]{3}\b)\S|[^0-9\s,.]\s+[0-9][0-9.,]*$")
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*%?")
_WORD = re.compile(r"\S+")
_HEAD_OF_KEY = "\\time"
"""Eurostat names a column of comma-separated keys `freq,unit,geo` and a backslash, TIME_PERIOD."""


def delimiter(head: list[str], ending: str) -> str:
    """Return the mark that splits most of the first lines into equally many cells, or BLANKS.

    Args:
        head: the first lines of the file.
        ending: the ending of its name. It decides between marks that split lines equally well; a
            file named .tsv is split at tabs if these split nearly all of its lines.

    """
    lines = [line for line in head if line.strip()]
    usual = {".tsv": "\t,;|", ".tab": "\t,;|", ".txt": "\t,;|"}.get(ending, ",\t;|")
    key, tab, _ = (lines[0] if lines else "").partition("\t")
    if tab and _HEAD_OF_KEY in key.casefold():
        return "\t"
    scores = {mark: _split_counts(lines, mark) for mark in usual}
    if ending in (".tsv", ".tab") and scores["\t"][1] * 5 >= len(lines) * 4:
        return "\t"
    best = max(usual, key=lambda mark: scores[mark][0] * scores[mark][1])
    has_tabs = all("\t" in line for line in lines)
    if scores[best][1] < len(lines) and not has_tabs and _is_split_by_blanks(head):
        return BLANKS
    return best


def _is_split_by_blanks(lines: list[str]) -> bool:
    """Return whether blanks separate cells, and only numbers (1,234) contain another mark."""
    cells = itertools.chain(*(split_at_blanks(lines) or []))
    found = [cell for cell in cells if any(mark in cell for mark in MARKS)]
    return split_at_blanks(lines) is not None and all(map(_NUMBER.fullmatch, found))


def _split_counts(lines: list[str], mark: str) -> tuple[int, int]:
    r"""Return the most frequent number of cells that a mark splits lines into, and how many lines.

    A mark beside which another stands in most cells (`2012年\t,2011年\t,`) is not a delimiter.
    """
    rows = _rows(lines, delimiter=mark)
    cells = [cell.strip() for row in rows for cell in row if cell.strip()]
    others = set(MARKS) - {mark}
    if 2 * sum(cell[0] in others or cell[-1] in others for cell in cells) > len(cells):
        return 0, 0
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(widths.items(), key=lambda item: item[0] * item[1], default=(0, 0))


def _rows(lines: list[str], **options: object) -> list[list[str]]:
    """Return lines as rows of cells; none if a cell is too long for a table."""
    try:
        return list(csv.reader(lines, **options))
    except csv.Error:
        return []


def split_at_blanks(lines: list[str]) -> list[list[str]] | None:
    """Split lines at runs of blanks, or at the positions that are blank in every line.

    Args:
        lines: all lines of a text.

    Returns:
        A row per line; all but the empty ones have the same number of cells. None if the lines
        cannot be split in this way.

    """
    texts = [line.expandtabs().rstrip() for line in lines]
    filled = [text for text in texts if text]
    rows = _rows(filled, delimiter=BLANKS, skipinitialspace=True)
    if len(rows) < 2 or len(rows) != len(filled):
        return None
    at_places = _split_fixed_width(filled)
    if at_places is None or len(at_places[0]) < len(rows[0]):
        widths = {len(row) for row in rows[1:]}
        if widths == {len(rows[0]) + 1}:
            rows[0].insert(0, "")  # R writes row names without a name for their column
        at_places = rows if widths == {len(rows[0])} and len(rows[0]) > 1 else at_places
    if at_places is None:
        return None
    found = iter(at_places)
    return [next(found) if text else [] for text in texts]


def _split_fixed_width(lines: list[str]) -> list[list[str]] | None:
    """Split lines at the positions that are blank in all of them: a fixed-width table.

    Each column must have a name, most of its cells must be filled, and none may hold a number among
    other words; otherwise a position is blank by chance.
    """
    width = max(map(len, lines))
    if len(lines) < 3 or width > MAX_WIDTH or any('"' in line for line in lines):
        return None
    taken = bytearray(width)
    for match in (match for line in lines for match in _WORD.finditer(line)):
        taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    starts = [p for p in range(width) if taken[p] and (p == 0 or not taken[p - 1])]
    ends = [*starts[1:], width]
    rows = [[line[a:b].strip() for a, b in zip(starts, ends, strict=True)] for line in lines]
    filled = [sum(bool(row[column]) for row in rows) for column in range(len(starts))]
    is_table = len(starts) > 1 and all(rows[0]) and 2 * min(filled) > len(rows)
    return rows if is_table and not any(map(_SEVERAL.search, itertools.chain(*rows[1:]))) else None

"""What a table is made of, in no format yet, and how numbers are written in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")

MINUS, DASH, INFINITY, NBSP = "\N{MINUS SIGN}", "\N{EN DASH}", "\N{INFINITY}", "\N{NO-BREAK SPACE}"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

DECIMALS = 3
MAX_DECIMALS = 6
LARGEST = 1e9
"""Numbers from here on, and those that need more than MAX_DECIMALS, are scientific."""

MAX_COLUMNS = 6
"""Columns that fit a page; more go on in a further table."""

STARS = "*** p < 0.01, ** p < 0.05, * p < 0.1"


@dataclass(frozen=True)
class Cell:
    """A cell: a number or word, its stars, and what stands below it, line by line."""

    text: str = ""
    stars: str = ""
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row: its label and one cell per column."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Heading:
    """A heading over `span` columns."""

    text: str
    span: int = 1


@dataclass(frozen=True)
class Note:
    """A paragraph under the table."""

    topic: str
    text: str


@dataclass(frozen=True)
class Table:
    """A table in no format yet; all texts are plain.

    Attributes:
        name: Of its files, without the ending; letters, digits, `_` and `-`.
        caption: What it shows; says so where data are synthetic.
        headings: Rows of headings; the spans of each sum to the number of columns.
        blocks: Groups of rows, to be set apart by rules.
        notes: Paragraphs under it.

    """

    name: str
    caption: str
    headings: tuple[tuple[Heading, ...], ...]
    blocks: tuple[tuple[Row, ...], ...]
    notes: tuple[Note, ...]

    @property
    def n_columns(self) -> int:
        """Columns beside that of the labels."""
        return sum(heading.span for heading in self.headings[0])

    @property
    def n_lines(self) -> int:
        """Lines of the rows, with what stands below their cells."""
        return sum(
            1 + max((len(cell.below) for cell in row.cells), default=0)
            for block in self.blocks
            for row in block
        )


def decimals(values: Iterable[float | None]) -> int | None:
    """Choose one number of decimals for numbers that are read together.

    Three; more where the smallest would be left with fewer than two digits, none where all of them
    have four before the point. None for scientific notation, where that would need more than
    MAX_DECIMALS, or a number reaches LARGEST.
    """
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    if not sizes:
        return DECIMALS
    exponent = math.floor(math.log10(min(sizes)))
    if max(sizes) >= LARGEST or 1 - exponent > MAX_DECIMALS:
        return None
    return 0 if exponent >= DECIMALS else max(DECIMALS, 1 - exponent)


def number(value: float | None, digits: int | None = DECIMALS) -> str:
    """Write a number with so many decimals; scientific where `digits` is None, or from LARGEST on.

    A missing one is a dash; what rounds to zero has no sign.
    """
    if value is None:
        return DASH
    if math.isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    if value and (digits is None or abs(value) >= LARGEST):
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{mantissa}{NBSP}×{NBSP}10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    else:
        text = f"{value:,.{digits or 0}f}"
        if not text.strip("-0."):
            text = text.lstrip("-")
    return text.replace("-", MINUS)


def p_value(value: float) -> str:
    """Write a p-value with three decimals."""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def plain(text: str | None) -> str:
    """Put a text on one line, without the control characters that no document may hold."""
    return "".join(c for c in " ".join((text or "").split()) if c.isprintable() or c == NBSP)


def distinct(items: Iterable[Item]) -> list[Item]:
    """Leave out repeats, in order."""
    return list(dict.fromkeys(items))


def parts(items: Sequence[Item]) -> list[tuple[str, str, Sequence[Item]]]:
    """Cut columns into tables that fit a page: what to add to name and caption, and the columns."""
    cut = [items[start : start + MAX_COLUMNS] for start in range(0, len(items), MAX_COLUMNS)]
    if len(cut) == 1:
        return [("", "", items)]
    return [
        (f"-part-{place}", f"part {place} of {len(cut)}", part)
        for place, part in enumerate(cut, start=1)
    ]

"""Format-independent content of tables, and number formatting."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")

MINUS, DASH, INFINITY, NBSP = "\N{MINUS SIGN}", "\N{EN DASH}", "\N{INFINITY}", "\N{NO-BREAK SPACE}"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

DECIMALS = 3
MAX_DECIMALS = 6
LARGEST = 1e9
"""Numbers from here on, and those that need more than MAX_DECIMALS, are in scientific notation."""

MAX_COLUMNS = 6
"""Columns that fit a page; further columns go to another table."""

STARS = "*** p < 0.01, ** p < 0.05, * p < 0.1"


@dataclass(frozen=True)
class Cell:
    """A cell: a number or word, its stars, and the lines below it."""

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
    """A format-independent table; all texts are plain.

    Attributes:
        name: Name of its files without the ending; letters, digits, `_` and `-`.
        caption: Title; marks synthetic data.
        headings: Rows of headings; the spans of each sum to the number of columns.
        blocks: Groups of rows, separated by rules.
        notes: Paragraphs under it.

    """

    name: str
    caption: str
    headings: tuple[tuple[Heading, ...], ...]
    blocks: tuple[tuple[Row, ...], ...]
    notes: tuple[Note, ...]

    @property
    def n_columns(self) -> int:
        """Number of columns without the label column."""
        return sum(heading.span for heading in self.headings[0])

    @property
    def n_lines(self) -> int:
        """Number of lines of all rows, including those below cells."""
        return sum(
            1 + max((len(cell.below) for cell in row.cells), default=0)
            for block in self.blocks
            for row in block
        )


def decimals(values: Iterable[float | None]) -> int | None:
    """Choose a common number of decimals for a group of numbers.

    Three by default; more if the smallest number would have fewer than two significant digits, zero
    if all have four digits before the point. None, for scientific notation, if more than
    MAX_DECIMALS are needed or a number reaches LARGEST.
    """
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    if not sizes:
        return DECIMALS
    exponent = math.floor(math.log10(min(sizes)))
    if max(sizes) >= LARGEST or 1 - exponent > MAX_DECIMALS:
        return None
    return 0 if exponent >= DECIMALS else max(DECIMALS, 1 - exponent)


def number(value: float | None, digits: int | None = DECIMALS) -> str:
    """Format a number with `digits` decimals, more if it needs them for two significant digits.

    Scientific if `digits` is None, more than MAX_DECIMALS are needed, or from LARGEST on. A missing
    number is a dash; 0 is exactly zero.
    """
    if value is None:
        return DASH
    if not value:
        return "0"
    if math.isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    needed = 1 - math.floor(math.log10(abs(value)))
    if digits is None or needed > MAX_DECIMALS or abs(value) >= LARGEST:
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{mantissa}{NBSP}×{NBSP}10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    else:
        text = f"{value:,.{max(digits, needed)}f}"
    return text.replace("-", MINUS)


def p_value(value: float) -> str:
    """Format a p-value with three decimals."""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def plain(text: str | None) -> str:
    """Put a text on one line, without control characters, which documents must not contain."""
    return "".join(c for c in " ".join((text or "").split()) if c.isprintable() or c == NBSP)


def spelled_out(code: str) -> str:
    """Write a code such as section_4_3_1 as words: section 4.3.1."""
    return re.sub(r"(?<=[0-9])_(?=[0-9])", ".", code).replace("_", " ")


def distinct(items: Iterable[Item]) -> list[Item]:
    """Drop duplicates, keeping the order."""
    return list(dict.fromkeys(items))


def parts(items: Sequence[Item]) -> list[tuple[str, str, Sequence[Item]]]:
    """Split columns into tables that fit a page: suffixes of name and caption, and the columns."""
    cut = [items[start : start + MAX_COLUMNS] for start in range(0, len(items), MAX_COLUMNS)]
    if len(cut) == 1:
        return [("", "", items)]
    return [
        (f"-part-{place}", f"part {place} of {len(cut)}", part)
        for place, part in enumerate(cut, start=1)
    ]

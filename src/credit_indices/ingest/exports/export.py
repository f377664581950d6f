"""What a recogniser of a known format returns."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from credit_indices.ingest.sheets import Sheet
from credit_indices.ingest.words import name_key

HEADER_WITHIN = 40
"""Rows in which the header of a format is looked for."""


@dataclass(frozen=True)
class Named:
    """What a format says about one series.

    Args:
        names: what may be its code or name in the catalog; the first that is one is taken.
        measure: its unit of measurement, '' if the format states none.

    """

    names: tuple[str, ...]
    measure: str = ""


@dataclass(frozen=True)
class Export:
    """One sheet of a known format. Rows and columns count from 0.

    Args:
        layout: wide, long or years_across.
        header: the row of the header.
        units: the columns that name the unit, codes first. The one that names most units of the
            catalog is read; the others are explained.
        indicators: the columns that name the indicator, codes first, likewise.
        year, value, measure: the columns of years, values and units of measurement, if any.
        period: the year of all rows, if no column has it.
        unit: what names the unit of all rows, if no column does.
        lines: the rows that the format explains, above the header and below it.
        columns: further columns that the format explains: flags, frequency, decimals.
        series: for a wide layout, what the header says of each column, by column.
        describe: for the other layouts, what is said of a series by the texts of all its
            `indicators` columns in a row; without it each text is a name.
        aggregates: names by code or name (see `name_key`) of units that sum up others. They are
            ignored and counted unless the catalog has them.
        doubts: why the sheet waits although its format is known.

    """

    layout: str
    header: int
    units: tuple[int, ...] = ()
    indicators: tuple[int, ...] = ()
    year: int | None = None
    value: int | None = None
    measure: int | None = None
    period: int | None = None
    unit: str = ""
    lines: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    series: Mapping[int, Named] = field(default_factory=dict)
    describe: Callable[[tuple[str, ...]], Named] | None = None
    aggregates: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    def named(self, texts: tuple[str, ...]) -> Named:
        """Return what the texts of the indicator columns of one row say of its series."""
        return self.describe(texts) if self.describe else Named(texts)


def headers(sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that may be the header of a sheet: their number and `name_key` of cells."""
    for row in range(min(len(sheet.rows), HEADER_WITHIN)):
        if sheet.rows[row]:
            yield row, [name_key(text) for text in sheet.rows[row]]

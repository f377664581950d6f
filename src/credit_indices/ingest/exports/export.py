"""Data classes that the recognisers of known formats return."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import name_key
from credit_indices.ingest.reading_plan import ReadingPlan
from credit_indices.ingest.sheets import Sheet

HEADER_WITHIN = 40
"""Number of first rows that are searched for the header of a format."""


@dataclass(frozen=True)
class Named:
    """Description of one series by its format.

    Args:
        names: possible codes or names in the catalog; the first match is taken.
        measure: its unit of measurement, '' if the format states none.
        measures: other statements of the unit; the first that is understood counts.
        power: power of ten that converts the values to the unit; None if the format states one that
            is not understood.
        is_in_name: whether a name that is the catalog's states the unit too.

    """

    names: tuple[str, ...]
    measure: str = ""
    measures: tuple[str, ...] = ()
    power: int | None = 0
    is_in_name: bool = True


@dataclass(frozen=True)
class Export:
    """One sheet of a known format. Rows and columns count from 0.

    Args:
        layout: wide, long or years_across; ignore if it holds no observations; '' if they cannot
            be read, for a reason in `ambiguities`.
        header: the row of the header.
        units: the columns that name the unit, codes first. The one that names most units of the
            catalog is read; the others are explained.
        indicators: the columns that name the indicator, codes first, likewise.
        year, value, measure: the columns of years, values and units of measurement, if any.
        period: the year of all rows, if no column has it.
        unit: the name of the unit of all rows, if no column has it.
        lines: the rows that the format explains, above the header and below it.
        columns: further columns that the format explains: flags, frequency, decimals.
        series: for a wide layout, the description of each column, by column; for years across with
            one indicator, its description, by None.
        describe: for the other layouts, the description of a series by the texts of all its
            `indicators` columns in a row; without it each text is a name.
        scale: the column of powers of ten (UNIT_MULT, Scale).
        measure_if_free: a column that is the unit of measurement if it does not name the indicator
            (MEASURE of OECD).
        default_indicator: the column taken if none of `indicators` names one of the catalog.
        of_row: the description of the series of a row, by row and indicator column. It takes the
            place of `describe`.
        last_actual: the year of a row after which its values are projections; None if none are.
        find_ambiguities: finds the ambiguities of a plan in this format.
        beside: the columns that name the same as an indicator column, including it; without it
            these are all `indicators`.
        unit_names: columns that name the unit too and are never read.
        is_absent: whether the file flags the value of a cell (row, column) as missing.
        notes: warnings for a sheet read by a plan.
        is_named_by_file: whether the name of the file may name the indicator.
        aggregates: names by code or name (see `name_key`) of units that sum up others. They are
            ignored and counted unless the catalog has them.
        ambiguities: those of the sheet although its format is known.
        about: for a sheet with layout ignore, its content.

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
    series: Mapping[int | None, Named] = field(default_factory=dict)
    describe: Callable[[tuple[str, ...]], Named] | None = None
    aggregates: Mapping[str, str] = field(default_factory=dict)
    ambiguities: tuple[str, ...] = ()
    about: str = "no observations"
    scale: int | None = None
    measure_if_free: tuple[int, ...] = ()
    default_indicator: int | None = None
    of_row: Callable[[int, int], Named] | None = None
    last_actual: Callable[[int], int | None] | None = None
    find_ambiguities: Callable[[ReadingPlan, Catalog], Iterable[str]] | None = None
    beside: Callable[[int], tuple[int, ...]] | None = None
    unit_names: tuple[int, ...] = ()
    is_absent: Callable[[int, int], bool] | None = None
    notes: Callable[[ReadingPlan], Iterable[str]] | None = None
    is_named_by_file: bool = False

    def names_in(self, sheet: Sheet, row: int, column: int) -> tuple[str, ...]:
        """Return the texts of a cell that may name an indicator."""
        return self.of_row(row, column).names if self.of_row else (sheet.label(row, column),)

    def named(self, texts: tuple[str, ...]) -> Named:
        """Return the description of a series by the texts of the indicator columns of a row."""
        return self.describe(texts) if self.describe else Named(texts)


def headers(sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that may be the header of a sheet: their number and `name_key` of cells."""
    for row in range(min(len(sheet.rows), HEADER_WITHIN)):
        if sheet.rows[row]:
            yield row, [name_key(text) for text in sheet.rows[row]]

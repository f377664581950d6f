"""The plan for reading a sheet: its layout, its columns and its series.

Three layouts are known. `wide`: a row per unit and year, a column per indicator. `long`: a row per
unit, year and indicator, one column of values. `years_across`: a row per unit, a column per year,
as the National Bureau of Statistics exports its tables; the indicator is named in a column, or by
the title, the sheet or the file.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath

from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import (
    is_missing,
    is_numeric,
    is_year,
    narrow,
    year,
)
from credit_indices.ingest.sheets import Sheet, column_letters

LAYOUTS = ("wide", "long", "years_across", "ignore")
IGNORE = "ignore"
READ_THEM = "read"
PROJECTIONS = ("wait", READ_THEM, IGNORE)
"""Options for values that the file marks as projections."""
HEADER_WITHIN = 40
"""Number of first rows that are searched for the header."""
NUMBERED = re.compile(
    r"(?:[表图]|table\b|figure\b)\s*[0-9一二三四五六七八九十.-]*\s*"
    r"|(?<![0-9一二三四五六七八九十])[0-9一二三四五六七八九十]++[.、]\s*|(?<![0-9-])[0-9]++(?:-[0-9]++)++\s+",
    re.IGNORECASE,
)
"""Beginnings of titles of tables."""


@dataclass
class Series:
    """One indicator of a sheet: a column of a wide table, or a name in a long one.

    While ``indicator`` is '' or ``factor`` None, the user has not decided, and the cells are
    pending. ``is_assumed`` if a proposal found no unit of measurement and assumed the catalog's.
    ``stated`` is the unit of measurement in the file, '' if it states none, None if it was not
    examined. ``missing`` are codes of missing values, such as -999, as the mapping names them.
    """

    name: str
    column: int | None = None
    indicator: str = ""
    factor: Decimal | None = None
    suggestions: list[str] = field(default_factory=list)
    is_assumed: bool = False
    stated: str | None = None
    missing: list[str] = field(default_factory=list)

    @property
    def is_decided(self) -> bool:
        """Whether the indicator and the factor are known."""
        return self.indicator == IGNORE or bool(self.indicator and self.factor is not None)


@dataclass
class ReadingPlan:
    """The plan for reading one sheet. Rows and columns count from 0; `layout` is '' if unknown.

    ``ambiguities`` keep the sheet pending; the mapping lists them under `doubts`. ``has_series`` is
    False if the user named the layout and left the indicators to the next run. ``export`` is the
    known format of the sheet (see exports.FORMATS) or ''. ``ignores_unknown_units`` if labels that
    are not units are ignored instead of rejected.
    """

    file: str
    sheet: str
    layout: str = ""
    header: int = 0
    unit_column: int | None = None
    unit_id: str = ""
    year_column: int | None = None
    period: int | None = None
    indicator_column: int | None = None
    measure_column: int | None = None
    scale_column: int | None = None
    value_column: int | None = None
    decimal_mark: str = ""
    missing: list[str] = field(default_factory=list)
    export: str = ""
    ignores_unknown_units: bool = False
    series: list[Series] = field(default_factory=list)
    ambiguities: list[str] = field(default_factory=list)
    has_series: bool = True
    projections: str = ""

    def columns(self) -> dict[str, int | None]:
        """Return the columns of labels and values by their keys in the mapping."""
        return {
            "unit_column": self.unit_column,
            "year_column": self.year_column,
            "indicator_column": self.indicator_column,
            "measure_column": self.measure_column,
            "scale_column": self.scale_column,
            "value_column": self.value_column,
        }

    def settings(self) -> dict[str, str]:
        """Return the keys and values of the plan in the mapping, without the indicators."""
        columns = self.columns().items()
        found = {"layout": self.layout}
        found |= {"export": self.export} if self.export else {}
        found |= {"header_row": str(self.header + 1)}
        found |= {key: column_letters(column) for key, column in columns if column is not None}
        year = "" if self.period is None else str(self.period)
        others = {"year": year, "unit_id": self.unit_id, "decimal_mark": self.decimal_mark}
        others["projections"] = self.projections
        return found | {key: text for key, text in others.items() if text}

    @property
    def mark(self) -> str:
        """The decimal mark; the point by default."""
        return self.decimal_mark or "."

    @property
    def is_open(self) -> bool:
        """Whether the user has to decide first how to read the sheet."""
        return not self.layout or bool(self.ambiguities)

    def year_columns(self, sheet: Sheet) -> dict[int, int]:
        """Return the columns named by a year, in a table with years across."""
        places = {self.unit_column, self.indicator_column, self.measure_column, self.scale_column}
        return {
            column: year(text)
            for column, text in enumerate(header(sheet, self.header))
            if column not in places and is_year(text)
        }

    def series_name(self, sheet: Sheet, row: int) -> str:
        """Return the indicator that a row names, with the unit of measurement stated there."""
        name = sheet.label(row, self.indicator_column or 0)
        columns = (self.measure_column, self.scale_column)
        stated = [sheet.label(row, column).strip() for column in columns if column is not None]
        name += f" ({', '.join(filter(None, stated))})" if any(stated) else ""
        return " ".join(name.split())


def header(sheet: Sheet, row: int) -> list[str]:
    """Return the column names of a sheet."""
    return [text.strip() for text in sheet.rows[row]] if row < len(sheet.rows) else []


def titles(sheet: Sheet, row: int) -> list[str]:
    """Return the texts that may name a whole table: lines above the header, the sheet, the file.

    Lines are also returned without a number or the text before a colon at their beginning.
    """
    found = [text.strip() for cells in sheet.rows[:row] for text in cells if text.strip()]
    found += [re.split("[:：]", title)[-1].strip() for title in found]
    numbered = [narrow(title) for title in found if NUMBERED.match(narrow(title))]
    found += [NUMBERED.sub("", title, count=1) for title in numbered]
    return [*found, sheet.name, PurePosixPath(sheet.file).stem]


def first_record(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> int:
    """Return the first row below the header that has a number, a year or a unit."""
    for row in range(plan.header + 1, min(len(sheet.rows), plan.header + 1 + HEADER_WITHIN)):
        cells = sheet.rows[row]
        unit = sheet.text(row, plan.unit_column) if plan.unit_column is not None else plan.unit_id
        if any(map(is_numeric, cells)) or any(map(is_year, cells)) or catalog.candidates(unit):
            return row
    return min(len(sheet.rows), plan.header + 1 + HEADER_WITHIN)


def below_header(sheet: Sheet, plan: ReadingPlan, catalog: Catalog) -> list[tuple[int, str]]:
    """Return the texts, with their columns, of lines between the header and the first record."""
    return [
        (column, text.strip())
        for row in range(plan.header + 1, first_record(sheet, plan, catalog))
        for column, text in enumerate(sheet.rows[row])
        if column != plan.unit_column and not is_missing(text)
    ]

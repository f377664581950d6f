"""Cells with their roles, corrections, and the settings of a run.

Every cell with content has exactly one role. So has every place where a value is due: the
crossing of a record (a unit and a year) with an indicator. A value is accepted, missing or
rejected; these three are the cells *read*. Other cells are structure (titles, headers, notes,
labels of units, years and indicators), ignored (as the mapping says) or pending (the user has not
yet decided on the column; the reports call them waiting).
"""

from dataclasses import dataclass, field
from decimal import Decimal

from credit_indices.exports.safe_csv import printable
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import decimal_text
from credit_indices.ingest.limits import shown
from credit_indices.ingest.reading_plan import ReadingPlan
from credit_indices.ingest.sheets import Sheet, column_letters

ACCEPTED, MISSING, REJECTED = "accepted", "missing", "rejected"
STRUCTURE, IGNORED, PENDING = "structure", "ignored", "waiting"
READ = (ACCEPTED, MISSING, REJECTED)
AGGREGATE, UNKNOWN_UNIT = "aggregate", "unknown unit"
"""Reasons for ignoring values whose label is not a unit; see `Cell.reason`."""


@dataclass(slots=True)
class Cell:
    """A cell and its role. Row and column count from 0.

    ``unit`` and ``period`` are the labels of the file until they have been read. ``reason`` is why
    a value was rejected, the series missing from the mapping for which it is pending, or why its
    unit is ignored (an aggregate or unknown). ``own`` is the result of `own_labels` for a rejected
    value. ``is_projection`` is true if the file marks the value as a projection.
    """

    row: int
    column: int
    text: str
    role: str
    unit: str = ""
    period: int | str = ""
    indicator: str = ""
    value: Decimal | None = None
    reason: str = ""
    factor: Decimal | None = None
    own: str = ""
    is_corrected: bool = False
    is_projection: bool = False

    @property
    def where(self) -> str:
        """The cell in spreadsheet notation, such as C12."""
        return f"{column_letters(self.column)}{self.row + 1}"

    @property
    def shown(self) -> str:
        """The content of the cell, for messages."""
        return shown(self.text.strip())


@dataclass
class Correction:
    """A user's correction of a rejected cell. Empty labels are as in the file.

    ``own`` are the labels that the cell had; the correction applies to no other cell. ``is_new`` if
    it comes from the list of rejections, which a spreadsheet program may have changed.
    """

    was: str
    value: str
    unit: str = ""
    period: str = ""
    is_new: bool = False
    own: str = ""
    is_of_another: bool = False


SheetCorrections = dict[tuple[int, int], Correction]
"""Corrections of one sheet, by (row, column)."""


@dataclass
class RunSettings:
    """Settings of a run that apply to all sheets: catalog, names of units, years, missing codes.

    ``ignores_unknown_units`` if labels that are not units are ignored in all sheets.
    """

    catalog: Catalog
    unit_names: dict[str, str]
    years: tuple[int, int] | None = None
    missing: list[str] = field(default_factory=list)
    ignores_unknown_units: bool = False


def own_labels(sheet: Sheet, plan: ReadingPlan, cell: Cell) -> str:
    """Return unit and year as in the file, the indicator and the factor of a value."""
    unit = plan.unit_id
    if plan.unit_column is not None:
        unit = sheet.label(cell.row, plan.unit_column)
    period = "" if plan.period is None else str(plan.period)
    if plan.year_column is not None:
        period = sheet.label(cell.row, plan.year_column)
    if plan.layout == "years_across":
        period = sheet.text(plan.header, cell.column)
    factor = "" if cell.factor is None else decimal_text(cell.factor)
    labels = (unit, period, cell.indicator, factor)
    return " | ".join(printable(" ".join(text.split())) for text in labels)

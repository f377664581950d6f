"""Classify every cell of a sheet.

Every cell with content has exactly one role. So has every place where a value is due: the crossing
of a record (a unit and a year) with an indicator. A value is accepted, missing or rejected; these
three are the cells *read*. Other cells are structure (titles, headers, notes, labels of units,
years and indicators), ignored (as the mapping says) or pending (the user has not yet decided on the
column; the reports call them waiting).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from credit_indices.ingest import decimals, exports
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import (
    EXACT,
    Unreadable,
    decimal_text,
    is_missing,
    is_number,
    is_numeric,
    is_period,
    is_whole,
    name_key,
    narrow,
    number,
    within_reach,
    year,
)
from credit_indices.ingest.limits import shown
from credit_indices.ingest.measurement_units import factor, is_counted
from credit_indices.ingest.reading_plan import IGNORE, READ_THEM, ReadingPlan, Series
from credit_indices.ingest.sheets import Sheet, column_letters
from credit_indices.safe_csv import printable

ACCEPTED, MISSING, REJECTED = "accepted", "missing", "rejected"
STRUCTURE, IGNORED, PENDING = "structure", "ignored", "waiting"
READ = (ACCEPTED, MISSING, REJECTED)
AGGREGATE, UNKNOWN_UNIT = "aggregate", "unknown unit"
"""Reasons for ignoring values whose label is not a unit; see `Cell.reason`."""
_TOO_LONG = (
    "is in a row with more cells than the header. Put values that contain a comma in double quotes."
)
_TOO_SHORT = (
    "is in a row of {} cells, and the header has {}: a cell may be missing before it. Write all "
    "cells of the row, including blank ones."
)


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


@dataclass
class Reading:
    """Settings of a run that apply to all sheets: catalog, names of units, years, missing codes.

    ``ignores_unknown_units`` if labels that are not units are ignored in all sheets.
    """

    catalog: Catalog
    unit_names: dict[str, str]
    years: tuple[int, int] | None = None
    missing: list[str] = field(default_factory=list)
    ignores_unknown_units: bool = False


def judge(
    sheet: Sheet,
    plan: ReadingPlan,
    reading: Reading,
    corrections: dict[tuple[int, int], Correction],
) -> Iterator[Cell]:
    """Classify every cell of a sheet, row by row.

    Args:
        sheet: the sheet.
        plan: its layout; all cells are pending while it is undecided.
        reading: the settings of the run.
        corrections: by (row, column).

    Yields:
        Each cell with content once, and each empty cell where a value is due once.

    """
    if plan.is_open or plan.layout == IGNORE:
        role = IGNORED if plan.layout == IGNORE else PENDING
        for row, cells in enumerate(sheet.rows):
            for column, text in enumerate(cells):
                if text.strip():
                    yield Cell(row, column, text, role)
        return
    judged = _Judged(sheet, plan, reading, corrections)
    for row, cells in enumerate(sheet.rows):
        if row <= plan.header or row in judged.explained_lines:
            for column, text in enumerate(cells):
                if text.strip():
                    yield Cell(row, column, text, STRUCTURE)
        else:
            yield from judged.record(row)


class _Judged:
    """A sheet under a plan."""

    def __init__(
        self,
        sheet: Sheet,
        plan: ReadingPlan,
        reading: Reading,
        corrections: dict[tuple[int, int], Correction],
    ) -> None:
        self.sheet, self.plan, self.reading = sheet, plan, reading
        self.corrections = corrections
        self.width = sheet.width(plan.header)
        export = exports.export_of(sheet, plan)
        self.explained_lines = export.lines if export else frozenset()
        self.names_beside = {*export.units, *export.indicators} if export else set()
        self.explained_columns = exports.explained_columns(export, plan) if export else set()
        self.unit_columns = [plan.unit_column, *(export.units if export else ())]
        self.last_actual = export.last_actual if export else None
        self.is_absent = export.is_absent if export else None
        self.labels = {
            plan.unit_column,
            plan.year_column,
            plan.indicator_column,
            plan.measure_column,
            plan.scale_column,
        } - {None}
        self.year_columns = plan.year_columns(sheet) if plan.layout == "years_across" else {}
        self.by_column = {series.column: series for series in plan.series}
        self.by_name = {name_key(series.name): series for series in plan.series}
        self.marks = decimals.marks(sheet, plan)
        self.with_percentages: set[int] = set()
        self.marks_of_series: dict[int, decimals.Marks] = defaultdict(decimals.Marks)
        self._examine_series()
        if not self.marks.comma and any(
            self.marks_of_series[id(series)].open_commas and self._kind(series) == "counted"
            for series in plan.series
            if series.indicator in reading.catalog.indicators
        ):
            self.marks.parting_commas = True  # a count has no decimals
        self.codes = {id(series): self._codes(series) for series in plan.series}
        labels = [correction.unit for correction in corrections.values() if correction.unit]
        if plan.unit_column is not None:
            rows = range(plan.header + 1, len(sheet.rows))
            labels += [self._unit_label(row) for row in rows if row not in self.explained_lines]
        given = {name_key(name): unit for name, unit in reading.unit_names.items() if unit}
        self.units = {label: given[name_key(label)] for label in labels if name_key(label) in given}
        found, self.unit_faults = reading.catalog.find_units(
            label for label in labels if label not in self.units
        )
        self.units |= found
        self.shared = self._find_shared()
        self.with_numbers: dict[int, bool] = {}
        self.ignored_units = self._ignored_units(export)

    def _ignored_units(self, export: exports.Export | None) -> dict[str, str]:
        """Return, by label that is not a unit, why its values are ignored."""
        candidates = self.reading.catalog.candidates_of_labels(self.unit_faults)
        unknown = [text for text, units in candidates.items() if text.strip() and not units]
        found = {}
        for text in unknown:
            if export and name_key(text) in export.aggregates:
                found[text] = AGGREGATE
            elif self.plan.ignores_unknown_units or self.reading.ignores_unknown_units:
                found[text] = UNKNOWN_UNIT
        return found

    def record(self, row: int) -> Iterator[Cell]:
        """Classify the cells of a row below the header."""
        plan, sheet = self.plan, self.sheet
        cells = sheet.rows[row]
        unit, period = self._labels(row)
        due = {c: self._series(row, c) for c in self._value_columns()}
        beyond = [c for c in range(self.width, len(cells)) if cells[c].strip()]
        misfit = _TOO_LONG if beyond or sheet.is_too_long(row, plan.header) else ""
        if sheet.is_too_short(row, plan.header) and self._may_be_shifted(row):
            misfit = _TOO_SHORT.format(sheet.lengths[row], len(sheet.rows[plan.header]))
        has_figures = any(sheet.text(row, c).strip() for c in due) or beyond
        if not has_figures and not self._names_a_record(unit, period):
            due = {}  # a note, or an empty line
        for column in range(max(self.width, len(cells))):
            text = sheet.text(row, column)
            cell = Cell(row, column, text, STRUCTURE, unit, period)
            if column in due:
                series = due[column]
                if plan.layout == "years_across":
                    cell.period = self.year_columns[column]
                if series is None or not series.is_decided:
                    cell.role = PENDING
                    cell.reason = "" if series else self._name(row, column)
                elif series.indicator == IGNORE:
                    cell.role = IGNORED
                else:
                    cell.indicator, cell.factor = series.indicator, series.factor
                    cell = self._figure(cell, series, misfit)
            elif column in beyond:
                cell = self._figure(cell, None, _TOO_LONG)
            elif column in self.explained_columns:
                cell.role = STRUCTURE if column in self.names_beside else IGNORED
            elif column not in self.labels:
                cell.role = self._role_beside(column)
                cell.reason = self._name(row, column) if cell.role == PENDING else ""
            if text.strip() or cell.role in READ:
                yield cell

    def _unit_label(self, row: int) -> str:
        """Return the label of a row's unit; if blank, the name beside it in a known format."""
        labels = (self.sheet.label(row, c) for c in self.unit_columns if c is not None)
        return next((label for label in labels if label.strip()), "")

    def _labels(self, row: int) -> tuple[str, int | str]:
        """Return the unit and the year of a row as in the file."""
        plan, sheet = self.plan, self.sheet
        unit = plan.unit_id
        if plan.unit_column is not None:
            unit = self._unit_label(row)
        period: int | str = "" if plan.period is None else plan.period
        if plan.year_column is not None:
            period = sheet.label(row, plan.year_column).strip()
        return unit, period

    def _may_be_shifted(self, row: int) -> bool:
        """Return whether a cell may be missing in a row that is shorter than the header.

        False if the row has labels only, or if only remarks were left out at its end: a missing
        cell would have moved a remark to the last column present, which holds a number.
        """
        sheet, length = self.sheet, self.sheet.lengths[row]
        cells = enumerate(sheet.rows[row])
        if not any(text.strip() for column, text in cells if column not in self.labels):
            return False
        left_out = range(length, len(sheet.rows[self.plan.header]))
        ends_in_number = self._is_number(sheet.text(row, length - 1), row, length - 1)
        return not ends_in_number or any(map(self._holds_numbers, left_out))

    def _holds_numbers(self, column: int) -> bool:
        """Return whether a column holds values, or a number in any row."""
        if column not in self.with_numbers:
            series = self.by_column.get(column)
            self.with_numbers[column] = bool(
                (series and series.is_decided and series.indicator != IGNORE)
                or column in self.year_columns
                or column == self.plan.value_column
                or any(
                    is_numeric(self.sheet.text(row, column))
                    for row in range(self.plan.header + 1, len(self.sheet.rows))
                    if not self.sheet.is_too_long(row, self.plan.header)
                )
            )
        return self.with_numbers[column]

    def _find_shared(self) -> dict[tuple[int, int], str]:
        """Return, by place, merged cells with one value for several units, years or indicators.

        Merged cells that cover one record only, and columns without values, do not count.
        """
        found: dict[tuple[int, int], str] = {}
        plan, sheet = self.plan, self.sheet
        ignored = {series.column for series in plan.series if series.indicator == IGNORE}
        figures = sorted(set(self._value_columns()) - (ignored if plan.layout == "wide" else set()))
        for top, left, bottom, right in sheet.blocks:
            columns = figures[bisect_left(figures, left) : bisect_right(figures, right)]
            rows = range(max(top, plan.header + 1), bottom + 1)
            places = [(row, column) for row in rows for column in columns]
            if all(is_missing(sheet.text(*place)) for place in places):
                continue
            owners = set()
            for row, column in places:
                unit, period = self._labels(row)
                if plan.layout == "years_across":
                    period = self.year_columns[column]
                if unit.strip() and str(period).strip():
                    series = self._series(row, column)
                    owners.add((unit.strip(), period, series.name if series else ""))
            if len(owners) > 1:
                block = f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
                found |= dict.fromkeys(places, block)
        return found

    def _value_columns(self) -> list[int]:
        if self.plan.layout == "years_across":
            return list(self.year_columns)
        if self.plan.layout == "long":
            return [] if self.plan.value_column is None else [self.plan.value_column]
        return [column for column in range(self.width) if column in self.by_column]

    def _series(self, row: int, column: int) -> Series | None:
        if self.plan.layout == "wide":
            return self.by_column[column]
        if self.plan.indicator_column is None:
            return self.plan.series[0] if self.plan.series else None
        return self.by_name.get(name_key(self.plan.series_name(self.sheet, row)))

    def _name(self, row: int, column: int) -> str:
        """Return the name, for messages, of a series that is not in the mapping."""
        if self.plan.layout == "wide":
            name = self.sheet.text(self.plan.header, column).strip()
            return f"column {column_letters(column)} {shown(name)}"
        if self.plan.indicator_column is None:
            return f"column {column_letters(column)}"
        return shown(self.plan.series_name(self.sheet, row))

    def _role_beside(self, column: int) -> str:
        """Return the role of cells in a column that holds neither values nor labels."""
        return PENDING if self.plan.layout == "wide" else IGNORED

    def _names_a_record(self, unit: str, period: int | str) -> bool:
        if unit not in self.units and not self.plan.unit_id:
            return False
        return self.plan.layout == "years_across" or _year(period) is not None

    def _figure(self, cell: Cell, series: Series | None, misfit: str) -> Cell:
        """Classify a value as accepted, missing or rejected; `misfit` is the fault of its row."""
        text = cell.text
        correction = self.corrections.get((cell.row, cell.column))
        if correction and correction.own.strip() != own_labels(self.sheet, self.plan, cell):
            correction.is_of_another, correction = True, None
        if correction is not None:
            text = correction.value
            cell.unit = correction.unit or cell.unit
            cell.period = correction.period or cell.period
            if name_key(text) == IGNORE:
                return replace(cell, role=IGNORED)
        unit = self.plan.unit_id if cell.unit == self.plan.unit_id else self.units.get(cell.unit)
        period = _year(cell.period)
        years = self.reading.years
        if unit == IGNORE or (years and period and not years[0] <= period <= years[1]):
            return replace(cell, role=IGNORED)
        if cell.unit in self.ignored_units:
            return replace(cell, role=IGNORED, reason=self.ignored_units[cell.unit])
        if (cell.row, cell.column) in self.sheet.uncomputed and correction is None:
            return self._rejected(
                cell,
                "is a formula whose result was not saved: open the workbook in Excel, let it "
                "compute, and save it.",
            )
        if correction is None and (form := self.sheet.scaled.get((cell.row, cell.column))):
            return self._rejected(
                cell,
                f"is displayed as another number by its format {shown(form)}; which is meant? "
                "Format the cells as plain numbers.",
            )
        if correction is None and not is_missing(text) and self._is_projection(cell.row, period):
            cell.is_projection = True
            if self.plan.projections != READ_THEM:
                is_ignored = self.plan.projections == IGNORE
                return replace(cell, role=IGNORED if is_ignored else PENDING)
        if correction is None and (block := self.shared.get((cell.row, cell.column))):
            return self._rejected(
                cell,
                f"is in the merged cells {block}, which cover several units, years or indicators. "
                "Write a value for each of them.",
            )
        is_absent = is_missing(text) or (
            series is not None
            and correction is None
            and (self._is_code(text, series, cell) or self._is_flagged(cell))
        )
        if is_absent and (correction is not None or misfit in ("", _TOO_LONG)):
            return replace(cell, role=MISSING)
        if misfit and correction is None:
            return self._rejected(cell, misfit)
        if series is None:
            return self._rejected(cell, "is in a column without a header.")
        if not unit:
            return self._rejected(cell, self.unit_faults.get(cell.unit, "the unit is missing."))
        if period is None:
            return self._rejected(cell, _why_no_year(str(cell.period)))
        cell.unit, cell.period = unit, period
        if correction is None and (why := self._why_ambiguous(cell, series)):
            return self._rejected(cell, why)
        if not is_period(period):
            return self._rejected(cell, f"the year {period} is not between 1800 and 2100; a slip?")
        times = series.factor or Decimal(1)
        mark = self._mark(cell.row, cell.column)
        try:
            value, is_percentage = self._number(text, mark, correction is not None)
            value = within_reach(EXACT.multiply(value, times))
        except Unreadable as error:
            corrected = f"was corrected to {shown(text)}, which " if correction else ""
            return self._rejected(cell, f"{corrected}{error}")
        measure = self.reading.catalog.indicators[series.indicator].measure
        if is_percentage and not (
            times == Decimal("0.01") or (times == 1 and name_key(measure) in ("percent", "%"))
        ):
            return self._rejected(
                cell,
                f"is a percentage, but {series.indicator} is in {measure or '(no unit stated)'} "
                "and the column's factor is not 0.01 (factor: in mapping.yml).",
            )
        if (
            not is_whole(value)
            and self.sheet.is_written(cell.row, cell.column)
            and correction is None
            and decimals.may_part_thousands(text)
            and is_counted(measure)
        ):
            return self._rejected(
                cell,
                f"is not a whole number, but {series.indicator} is counted. Does the mark separate "
                "thousands? Write 1234.",
            )
        cell.role, cell.value = ACCEPTED, value
        cell.is_corrected = correction is not None
        return cell

    def _codes(self, series: Series) -> tuple[frozenset[Decimal], frozenset[str]]:
        """Return the codes of missing values that the mapping names for a series."""
        codes = [*series.missing, *self.plan.missing, *self.reading.missing]
        numbers = frozenset(number(code)[0] for code in codes if is_number(code))
        return numbers, frozenset(name_key(code) for code in codes if not is_number(code))

    def _is_code(self, text: str, series: Series, cell: Cell) -> bool:
        """Return whether a value is a code of missing values, such as -999."""
        numbers, texts = self.codes[id(series)]
        if texts and name_key(text) in texts:
            return True
        mark = self._mark(cell.row, cell.column)
        return bool(numbers) and is_number(text, mark) and number(text, mark)[0] in numbers

    def _is_flagged(self, cell: Cell) -> bool:
        """Return whether the file flags a value as missing."""
        return self.is_absent is not None and self.is_absent(cell.row, cell.column)

    def _is_projection(self, row: int, period: int | None) -> bool:
        """Return whether the year of a value is after the last actual year of its row."""
        last = self.last_actual(row) if self.last_actual else None
        return last is not None and period is not None and period > last

    def _examine_series(self) -> None:
        """Find series with percentages, and collect the decimal marks that each series proves."""
        columns = self._value_columns()
        for row in range(self.plan.header + 1, len(self.sheet.rows)):
            cells = self.sheet.rows[row]
            for column in columns:
                text = cells[column] if column < len(cells) else ""
                if not text:
                    continue
                series = id(self._series(row, column))
                if ("%" in text or "％" in text) and self._is_number(text, row, column):
                    self.with_percentages.add(series)
                if self.sheet.is_written(row, column):
                    self.marks_of_series[series].add(text)

    def _mark(self, row: int, column: int) -> str:
        """Return the decimal mark of a cell; numbers of a workbook have the point."""
        return self.plan.mark if self.sheet.is_written(row, column) else "."

    def _number(self, text: str, mark: str, is_correction: bool) -> tuple[Decimal, bool]:
        """Parse a value with the decimal mark of its file, or a correction with either mark."""
        if not is_correction or mark != ",":
            return number(text, mark)
        if decimals.may_part_thousands(text):
            raise Unreadable("may have thousands or decimals; write 12345 or 12.3450.")
        return number(text, "." if is_number(text) else ",")

    def _is_number(self, text: str, row: int, column: int) -> bool:
        return is_number(text, self._mark(row, column))

    def _why_ambiguous(self, cell: Cell, series: Series) -> str:
        """Return why other values of the file make a value ambiguous; '' if they do not."""
        text, mark = cell.text, self._mark(cell.row, cell.column)
        if self.sheet.is_written(cell.row, cell.column):
            of_series = self.marks_of_series[id(series)]
            kind, said = self._kind(series), self.plan.decimal_mark
            if why := decimals.why_open(text, self.marks, of_series, self.sheet, said, kind):
                return why
        if id(series) in self.with_percentages and is_number(text, mark) and number(text, mark)[0]:
            is_bare = not narrow(text).endswith("%")
            return "is a bare number among percentages: 1 or 100%?" if is_bare else ""
        return ""

    def _kind(self, series: Series) -> str:
        """Return the `kind` argument of decimals.why_open for a series' unit of measurement."""
        measure = self.reading.catalog.indicators[series.indicator].measure
        if factor("percent", measure) == 1:
            return "percent"
        return "counted" if is_counted(measure) and series.factor == 1 else ""

    @staticmethod
    def _rejected(cell: Cell, reason: str) -> Cell:
        return replace(cell, role=REJECTED, value=None, reason=reason)


def _year(text: int | str) -> int | None:
    try:
        return text if isinstance(text, int) else year(text)
    except Unreadable:
        return None


def _why_no_year(text: str) -> str:
    try:
        year(text)
    except Unreadable as error:
        return f"the year {shown(text)} {error}" if text else "the year is missing."
    return ""

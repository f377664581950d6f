"""Classify one value as accepted, missing, rejected, ignored or pending.

A value passes the stages of `ValueClassifier` once, in their order; the first stage that decides
its role ends the passage.
"""

from dataclasses import dataclass
from decimal import Decimal

from credit_indices.ingest import decimals
from credit_indices.ingest.cell_text import (
    EXACT,
    Unreadable,
    is_missing,
    is_number,
    is_period,
    is_whole,
    name_key,
    number,
    within_double_range,
)
from credit_indices.ingest.cells import (
    ACCEPTED,
    IGNORED,
    MISSING,
    PENDING,
    REJECTED,
    Cell,
    Correction,
    RunSettings,
    SheetCorrections,
    own_labels,
)
from credit_indices.ingest.exports import Export
from credit_indices.ingest.limits import shown
from credit_indices.ingest.measurement_units import is_counted
from credit_indices.ingest.reading_plan import IGNORE, READ_THEM, Series
from credit_indices.ingest.record_faults import TOO_LONG, merged_values
from credit_indices.ingest.record_names import RecordNames, parsed_year, why_not_a_year
from credit_indices.ingest.series_marks import SeriesMarks
from credit_indices.ingest.value_places import ValuePlaces


@dataclass(slots=True)
class Value:
    """A value on its way through the stages.

    ``text`` is that of the cell or of its correction; ``unit`` and ``period`` are None while they
    are unknown; ``row_fault`` is the fault of its row, or ''.
    """

    cell: Cell
    series: Series | None
    row_fault: str
    text: str
    correction: Correction | None = None
    unit: str | None = None
    period: int | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Row and column, from 0."""
        return self.cell.row, self.cell.column


class ValueClassifier:
    """Classifies the values of a sheet.

    Each stage returns whether it has decided the role of the value.
    """

    def __init__(
        self,
        places: ValuePlaces,
        names: RecordNames,
        marks: SeriesMarks,
        settings: RunSettings,
        corrections: SheetCorrections,
        export: Export | None,
    ) -> None:
        self._sheet, self._plan = places.sheet, places.plan
        self._names, self._settings, self._corrections = names, settings, corrections
        self._parser = ValueParser(places, marks, settings)
        self._last_actual = export.last_actual if export else None
        self._is_flagged_missing = export.is_absent if export else None
        self._merged = merged_values(places, names)
        self._stages = (
            self._correct,
            self._select,
            self._check_stored,
            self._check_projection,
            self._check_merged,
            self._find_missing,
            self._check_record,
            self._parser.parse,
        )

    def classify(self, cell: Cell, series: Series | None, row_fault: str) -> None:
        """Set the role of a cell with a value, and its unit, year and value as far as known."""
        value = Value(cell, series, row_fault, cell.text)
        for stage in self._stages:
            if stage(value):
                return

    def _correct(self, value: Value) -> bool:
        """Apply the user's correction."""
        cell = value.cell
        correction = self._corrections.get(value.place)
        if correction is None:
            return False
        if correction.own.strip() != own_labels(self._sheet, self._plan, cell):
            correction.is_of_another = True
            return False
        value.correction, value.text = correction, correction.value
        cell.unit = correction.unit or cell.unit
        cell.period = correction.period or cell.period
        return name_key(value.text) == IGNORE and decide(cell, IGNORED)

    def _select(self, value: Value) -> bool:
        """Resolve unit and year; ignore values of units and years that are not wanted."""
        cell = value.cell
        value.unit, value.period = self._names.unit(cell.unit), parsed_year(cell.period)
        years = self._settings.years
        if value.unit == IGNORE or (
            years and value.period and not years[0] <= value.period <= years[1]
        ):
            return decide(cell, IGNORED)
        reason = self._names.ignored.get(cell.unit)
        return reason is not None and decide(cell, IGNORED, reason)

    def _check_stored(self, value: Value) -> bool:
        """Reject values whose stored number is not the displayed one."""
        if value.correction is not None:
            return False
        if value.place in self._sheet.uncomputed:
            return reject(
                value,
                "is a formula whose result was not saved: open the workbook in Excel, let it "
                "compute, and save it.",
            )
        if form := self._sheet.scaled.get(value.place):
            return reject(
                value,
                f"is displayed as another number by its format {shown(form)}; which is meant? "
                "Format the cells as plain numbers.",
            )
        return False

    def _check_projection(self, value: Value) -> bool:
        """Ignore projections or leave them pending, unless the plan reads them."""
        if value.correction is not None or is_missing(value.text):
            return False
        last = self._last_actual(value.cell.row) if self._last_actual else None
        if last is None or value.period is None or value.period <= last:
            return False
        value.cell.is_projection = True
        if self._plan.projections == READ_THEM:
            return False
        return decide(value.cell, IGNORED if self._plan.projections == IGNORE else PENDING)

    def _check_merged(self, value: Value) -> bool:
        """Reject values in merged cells of several records."""
        block = self._merged.get(value.place) if value.correction is None else None
        return block is not None and reject(
            value,
            f"is in the merged cells {block}, which cover several units, years or indicators. "
            "Write a value for each of them.",
        )

    def _find_missing(self, value: Value) -> bool:
        """Find missing marks, missing-value codes and flags of missing values."""
        is_absent = is_missing(value.text) or (
            value.series is not None
            and value.correction is None
            and (self._parser.is_code(value) or self._is_flagged(value))
        )
        is_certain = value.correction is not None or value.row_fault in ("", TOO_LONG)
        return is_absent and is_certain and decide(value.cell, MISSING)

    def _is_flagged(self, value: Value) -> bool:
        return self._is_flagged_missing is not None and self._is_flagged_missing(*value.place)

    def _check_record(self, value: Value) -> bool:
        """Reject values of faulty rows and of unknown series, units and years."""
        cell = value.cell
        if value.row_fault and value.correction is None:
            return reject(value, value.row_fault)
        if value.series is None:
            return reject(value, "is in a column without a header.")
        if not value.unit:
            return reject(value, self._names.faults.get(cell.unit, "the unit is missing."))
        if value.period is None:
            return reject(value, why_not_a_year(str(cell.period)))
        cell.unit, cell.period = value.unit, value.period
        return False


class ValueParser:
    """Parses and validates the number of a value."""

    def __init__(self, places: ValuePlaces, marks: SeriesMarks, settings: RunSettings) -> None:
        self._sheet, self._plan = places.sheet, places.plan
        self._marks, self._settings = marks, settings
        self._codes = {id(series): self._codes_of(series) for series in self._plan.series}

    def parse(self, value: Value) -> bool:
        """Accept the value if it is an unambiguous number in the unit of its indicator."""
        cell, series = value.cell, value.series
        assert series is not None  # checked by the stage before
        if value.correction is None and (why := self._marks.why_ambiguous(cell, series)):
            return reject(value, why)
        if not is_period(value.period or 0):
            return reject(value, f"the year {value.period} is not between 1800 and 2100; a slip?")
        factor = series.factor or Decimal(1)
        try:
            found, is_percentage = self._number(value)
            found = within_double_range(EXACT.multiply(found, factor))
        except Unreadable as error:
            corrected = f"was corrected to {shown(value.text)}, which " if value.correction else ""
            return reject(value, f"{corrected}{error}")
        measure = self._settings.catalog.indicators[series.indicator].measure
        if is_percentage and not _is_percent(factor, measure):
            return reject(
                value,
                f"is a percentage, but {series.indicator} is in {measure or '(no unit stated)'} "
                "and the column's factor is not 0.01 (factor: in mapping.yml).",
            )
        if not is_whole(found) and is_counted(measure) and self._may_have_thousands(value):
            return reject(
                value,
                f"is not a whole number, but {series.indicator} is counted. Does the mark separate "
                "thousands? Write 1234.",
            )
        cell.value, cell.is_corrected = found, value.correction is not None
        return decide(cell, ACCEPTED)

    def _number(self, value: Value) -> tuple[Decimal, bool]:
        """Parse a value with the decimal mark of its file, or a correction with either mark."""
        text, mark = value.text, self._marks.mark(*value.place)
        if value.correction is None or mark != ",":
            return number(text, mark)
        if decimals.may_have_thousands(text):
            raise Unreadable("may have thousands or decimals; write 12345 or 12.3450.")
        return number(text, "." if is_number(text) else ",")

    def _may_have_thousands(self, value: Value) -> bool:
        return (
            value.correction is None
            and self._sheet.is_written(*value.place)
            and decimals.may_have_thousands(value.text)
        )

    def _codes_of(self, series: Series) -> tuple[frozenset[Decimal], frozenset[str]]:
        """Return the codes of missing values that the mapping names for a series."""
        codes = [*series.missing, *self._plan.missing, *self._settings.missing]
        numbers = frozenset(number(code)[0] for code in codes if is_number(code))
        return numbers, frozenset(name_key(code) for code in codes if not is_number(code))

    def is_code(self, value: Value) -> bool:
        """Return whether a value is a code of missing values, such as -999."""
        numbers, texts = self._codes[id(value.series)]
        if texts and name_key(value.text) in texts:
            return True
        mark = self._marks.mark(*value.place)
        return (
            bool(numbers) and is_number(value.text, mark) and number(value.text, mark)[0] in numbers
        )


def _is_percent(factor: Decimal, measure: str) -> bool:
    """Return whether a percentage may be read with this factor for this unit of measurement."""
    return factor == Decimal("0.01") or (factor == 1 and name_key(measure) in ("percent", "%"))


def decide(cell: Cell, role: str, reason: str = "") -> bool:
    """Set the role of a cell; return True."""
    cell.role, cell.reason = role, reason
    return True


def reject(value: Value, reason: str) -> bool:
    """Reject a value; return True."""
    return decide(value.cell, REJECTED, reason)

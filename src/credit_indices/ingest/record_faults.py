"""Faults of whole records: rows of another length than the header, and merged values."""

from bisect import bisect_left, bisect_right

from credit_indices.ingest.cell_text import is_missing, is_numeric
from credit_indices.ingest.reading_plan import IGNORE
from credit_indices.ingest.record_names import RecordNames
from credit_indices.ingest.series_marks import SeriesMarks
from credit_indices.ingest.sheets import column_letters
from credit_indices.ingest.value_places import ValuePlaces

TOO_LONG = (
    "is in a row with more cells than the header. Put values that contain a comma in double quotes."
)
TOO_SHORT = (
    "is in a row of {} cells, and the header has {}: a cell may be missing before it. Write all "
    "cells of the row, including blank ones."
)


class RowLengths:
    """Compares the lengths of rows with that of the header."""

    def __init__(self, places: ValuePlaces, marks: SeriesMarks) -> None:
        self._places, self._marks = places, marks
        self._sheet, self._plan = places.sheet, places.plan
        self._with_numbers: dict[int, bool] = {}

    def columns_beyond(self, row: int) -> list[int]:
        """Return the columns with content beyond the header."""
        cells = self._sheet.rows[row]
        return [c for c in range(self._places.width, len(cells)) if cells[c].strip()]

    def fault(self, row: int) -> str:
        """Return why the values of a row may be in other columns than they seem; '' if not."""
        sheet, header = self._sheet, self._plan.header
        if sheet.is_too_short(row, header) and self._may_be_shifted(row):
            return TOO_SHORT.format(sheet.lengths[row], len(sheet.rows[header]))
        is_too_long = self.columns_beyond(row) or sheet.is_too_long(row, header)
        return TOO_LONG if is_too_long else ""

    def _may_be_shifted(self, row: int) -> bool:
        """Return whether a cell may be missing in a row that is shorter than the header.

        False if the row has labels only, or if only remarks were left out at its end: a missing
        cell would have moved a remark to the last column present, which holds a number.
        """
        sheet, length = self._sheet, self._sheet.lengths[row]
        cells = enumerate(sheet.rows[row])
        labels = self._places.label_columns
        if not any(text.strip() for column, text in cells if column not in labels):
            return False
        left_out = range(length, len(sheet.rows[self._plan.header]))
        ends_in_number = self._marks.is_number(sheet.text(row, length - 1), row, length - 1)
        return not ends_in_number or any(map(self._holds_numbers, left_out))

    def _holds_numbers(self, column: int) -> bool:
        """Return whether a column holds values, or a number in any row."""
        if column not in self._with_numbers:
            series = self._places.by_column.get(column)
            self._with_numbers[column] = bool(
                (series and series.is_decided and series.indicator != IGNORE)
                or column in self._places.year_columns
                or column == self._plan.value_column
                or any(
                    is_numeric(self._sheet.text(row, column))
                    for row in self._places.rows
                    if not self._sheet.is_too_long(row, self._plan.header)
                )
            )
        return self._with_numbers[column]


def merged_values(places: ValuePlaces, names: RecordNames) -> dict[tuple[int, int], str]:
    """Return, by place, merged cells with one value for several units, years or indicators.

    Merged cells that cover one record only, and columns without values, do not count.
    """
    found: dict[tuple[int, int], str] = {}
    plan, sheet = places.plan, places.sheet
    ignored = {series.column for series in plan.series if series.indicator == IGNORE}
    columns_of_values = sorted(set(places.columns) - (ignored if plan.layout == "wide" else set()))
    for top, left, bottom, right in sheet.blocks:
        first, last = bisect_left(columns_of_values, left), bisect_right(columns_of_values, right)
        columns = columns_of_values[first:last]
        rows = range(max(top, plan.header + 1), bottom + 1)
        covered = [(row, column) for row in rows for column in columns]
        if all(is_missing(sheet.text(*place)) for place in covered):
            continue
        owners = set()
        for row, column in covered:
            unit, period = names.labels(row)
            if plan.layout == "years_across":
                period = places.year_columns[column]
            if unit.strip() and str(period).strip():
                series = places.series(row, column)
                owners.add((unit.strip(), period, series.name if series else ""))
        if len(owners) > 1:
            block = f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
            found |= dict.fromkeys(covered, block)
    return found

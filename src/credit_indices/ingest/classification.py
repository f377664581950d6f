"""Classify every cell of a sheet: which are values, labels, titles or ignored."""

from collections.abc import Iterator

from credit_indices.ingest import exports
from credit_indices.ingest.cells import (
    IGNORED,
    PENDING,
    READ,
    STRUCTURE,
    Cell,
    RunSettings,
    SheetCorrections,
)
from credit_indices.ingest.reading_plan import IGNORE, ReadingPlan, Series
from credit_indices.ingest.record_faults import TOO_LONG, RowLengths
from credit_indices.ingest.record_names import RecordNames
from credit_indices.ingest.series_marks import SeriesMarks
from credit_indices.ingest.sheets import Sheet
from credit_indices.ingest.value_places import ValuePlaces
from credit_indices.ingest.values import ValueClassifier, decide


def classify(
    sheet: Sheet, plan: ReadingPlan, settings: RunSettings, corrections: SheetCorrections
) -> Iterator[Cell]:
    """Classify every cell of a sheet, row by row.

    Args:
        sheet: the sheet.
        plan: its plan; all cells are pending while it is undecided.
        settings: the settings of the run.
        corrections: by (row, column).

    Yields:
        Each cell with content once, and each empty cell where a value is due once.

    """
    if plan.is_open or plan.layout == IGNORE:
        role = IGNORED if plan.layout == IGNORE else PENDING
        for row in range(len(sheet.rows)):
            yield from _cells_with_content(sheet, row, role)
        return
    classifier = _RecordClassifier(sheet, plan, settings, corrections)
    for row in range(len(sheet.rows)):
        if row <= plan.header or row in classifier.explained_lines:
            yield from _cells_with_content(sheet, row, STRUCTURE)
        else:
            yield from classifier.classify(row)


def _cells_with_content(sheet: Sheet, row: int, role: str) -> Iterator[Cell]:
    for column, text in enumerate(sheet.rows[row]):
        if text.strip():
            yield Cell(row, column, text, role)


class _RecordClassifier:
    """Classifies the cells of the rows below the header of a sheet."""

    def __init__(
        self,
        sheet: Sheet,
        plan: ReadingPlan,
        settings: RunSettings,
        corrections: SheetCorrections,
    ) -> None:
        self._sheet, self._plan = sheet, plan
        export = exports.export_of(sheet, plan)
        self.explained_lines = export.lines if export else frozenset()
        self._names_beside = {*export.units, *export.indicators} if export else set()
        self._explained_columns = exports.explained_columns(export, plan) if export else set()
        self._places = ValuePlaces(sheet, plan)
        marks = SeriesMarks(self._places, settings.catalog)
        self._names = RecordNames(sheet, plan, settings, corrections)
        self._lengths = RowLengths(self._places, marks)
        self._values = ValueClassifier(
            self._places, self._names, marks, settings, corrections, export
        )

    def classify(self, row: int) -> Iterator[Cell]:
        """Classify the cells of a row."""
        places, cells = self._places, self._sheet.rows[row]
        unit, period = self._names.labels(row)
        due = {column: places.series(row, column) for column in places.columns}
        beyond = self._lengths.columns_beyond(row)
        fault = self._lengths.fault(row)
        has_values = any(self._sheet.text(row, c).strip() for c in due) or beyond
        if not has_values and not self._names.are_record(unit, period):
            due = {}  # a note, or an empty line
        for column in range(max(places.width, len(cells))):
            text = self._sheet.text(row, column)
            cell = Cell(row, column, text, STRUCTURE, unit, period)
            if column in due:
                self._classify_due(cell, due[column], fault)
            elif column in beyond:
                self._values.classify(cell, None, TOO_LONG)
            elif column in self._explained_columns:
                cell.role = STRUCTURE if column in self._names_beside else IGNORED
            elif column not in places.label_columns:
                self._classify_beside(cell)
            if text.strip() or cell.role in READ:
                yield cell

    def _classify_due(self, cell: Cell, series: Series | None, fault: str) -> None:
        """Classify a cell where a value is due."""
        if self._plan.layout == "years_across":
            cell.period = self._places.year_columns[cell.column]
        if series is None or not series.is_decided:
            name = "" if series else self._places.series_name(cell.row, cell.column)
            decide(cell, PENDING, name)
        elif series.indicator == IGNORE:
            cell.role = IGNORED
        else:
            cell.indicator, cell.factor = series.indicator, series.factor
            self._values.classify(cell, series, fault)

    def _classify_beside(self, cell: Cell) -> None:
        """Classify a cell in a column that holds neither values nor labels."""
        if self._plan.layout == "wide":
            decide(cell, PENDING, self._places.series_name(cell.row, cell.column))
        else:
            cell.role = IGNORED

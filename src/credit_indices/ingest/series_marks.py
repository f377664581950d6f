"""Decimal marks and percent signs of each series: which of its values are ambiguous."""

from collections import defaultdict

from credit_indices.ingest import decimals
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import is_number, narrow, number
from credit_indices.ingest.cells import Cell
from credit_indices.ingest.measurement_units import factor, is_counted
from credit_indices.ingest.reading_plan import Series
from credit_indices.ingest.value_places import ValuePlaces


class SeriesMarks:
    """Evidence of the values of a sheet, and of each of its series, on decimal marks."""

    def __init__(self, places: ValuePlaces, catalog: Catalog) -> None:
        self._places, self._catalog = places, catalog
        self._sheet, self._plan = places.sheet, places.plan
        self._of_sheet = decimals.marks(self._sheet, self._plan)
        self._of_series: dict[int, decimals.Marks] = defaultdict(decimals.Marks)
        self._with_percentages: set[int] = set()
        self._examine()
        if not self._of_sheet.comma and any(
            self._of_series[id(series)].open_commas and self._kind(series) == "counted"
            for series in self._plan.series
            if series.indicator in catalog.indicators
        ):
            self._of_sheet.thousands_commas = True  # a count has no decimals

    def _examine(self) -> None:
        """Find series with percentages, and collect the decimal marks that each series proves."""
        for row in self._places.rows:
            cells = self._sheet.rows[row]
            for column in self._places.columns:
                text = cells[column] if column < len(cells) else ""
                if not text:
                    continue
                series = id(self._places.series(row, column))
                if ("%" in text or "％" in text) and self.is_number(text, row, column):
                    self._with_percentages.add(series)
                if self._sheet.is_written(row, column):
                    self._of_series[series].add(text)

    def mark(self, row: int, column: int) -> str:
        """Return the decimal mark of a cell; numbers of a workbook have the point."""
        return self._plan.mark if self._sheet.is_written(row, column) else "."

    def is_number(self, text: str, row: int, column: int) -> bool:
        """Return whether a text is a number with the decimal mark of its cell."""
        return is_number(text, self.mark(row, column))

    def why_ambiguous(self, cell: Cell, series: Series) -> str:
        """Return why other values of the file make a value ambiguous; '' if they do not."""
        text, mark = cell.text, self.mark(cell.row, cell.column)
        if self._sheet.is_written(cell.row, cell.column):
            of_series = self._of_series[id(series)]
            kind, stated = self._kind(series), self._plan.decimal_mark
            if why := decimals.why_open(text, self._of_sheet, of_series, self._sheet, stated, kind):
                return why
        if id(series) in self._with_percentages and is_number(text, mark) and number(text, mark)[0]:
            is_bare = not narrow(text).endswith("%")
            return "is a bare number among percentages: 1 or 100%?" if is_bare else ""
        return ""

    def _kind(self, series: Series) -> str:
        """Return the `kind` argument of decimals.why_open for a series' unit of measurement."""
        measure = self._catalog.indicators[series.indicator].measure
        if factor("percent", measure) == 1:
            return "percent"
        return "counted" if is_counted(measure) and series.factor == 1 else ""

"""The places of a sheet where values are due, and the series of each place."""

from credit_indices.ingest.cell_text import name_key
from credit_indices.ingest.limits import shown
from credit_indices.ingest.reading_plan import ReadingPlan, Series
from credit_indices.ingest.sheets import Sheet, column_letters


class ValuePlaces:
    """Columns of values and labels of a sheet under a plan, and the series of each value.

    ``columns`` are the columns of values, ``year_columns`` their years with years across,
    ``label_columns`` the columns of labels, ``width`` the number of columns.
    """

    def __init__(self, sheet: Sheet, plan: ReadingPlan) -> None:
        self.sheet, self.plan = sheet, plan
        self.width = sheet.width(plan.header)
        self.year_columns = plan.year_columns(sheet) if plan.layout == "years_across" else {}
        self.by_column = {series.column: series for series in plan.series}
        self._by_name = {name_key(series.name): series for series in plan.series}
        self.label_columns = {
            plan.unit_column,
            plan.year_column,
            plan.indicator_column,
            plan.measure_column,
            plan.scale_column,
        } - {None}
        self.columns = self._columns()

    def _columns(self) -> list[int]:
        if self.plan.layout == "years_across":
            return list(self.year_columns)
        if self.plan.layout == "long":
            return [] if self.plan.value_column is None else [self.plan.value_column]
        return [column for column in range(self.width) if column in self.by_column]

    @property
    def rows(self) -> range:
        """The rows below the header."""
        return range(self.plan.header + 1, len(self.sheet.rows))

    def series(self, row: int, column: int) -> Series | None:
        """Return the series of a value; None if the mapping does not have it."""
        if self.plan.layout == "wide":
            return self.by_column[column]
        if self.plan.indicator_column is None:
            return self.plan.series[0] if self.plan.series else None
        return self._by_name.get(name_key(self.plan.series_name(self.sheet, row)))

    def series_name(self, row: int, column: int) -> str:
        """Return the name, for messages, of a series that is not in the mapping."""
        if self.plan.layout == "wide":
            name = self.sheet.text(self.plan.header, column).strip()
            return f"column {column_letters(column)} {shown(name)}"
        if self.plan.indicator_column is None:
            return f"column {column_letters(column)}"
        return shown(self.plan.series_name(self.sheet, row))

"""Resolve names: the unit and the year of each row of a sheet."""

from credit_indices.ingest import exports
from credit_indices.ingest.cell_text import Unreadable, name_key, year
from credit_indices.ingest.cells import AGGREGATE, UNKNOWN_UNIT, RunSettings, SheetCorrections
from credit_indices.ingest.limits import shown
from credit_indices.ingest.reading_plan import ReadingPlan
from credit_indices.ingest.sheets import Sheet


class RecordNames:
    """Labels of the rows of a sheet, and the units that they name.

    ``units`` has the unit_id by label, ``faults`` by every other label the reason why it has none,
    ``ignored`` by label that is not a unit the reason why its values are ignored.
    """

    def __init__(
        self,
        sheet: Sheet,
        plan: ReadingPlan,
        settings: RunSettings,
        corrections: SheetCorrections,
    ) -> None:
        self._sheet, self._plan, self._settings = sheet, plan, settings
        self._export = exports.export_of(sheet, plan)
        beside = self._export.units if self._export else ()
        self._unit_columns = [plan.unit_column, *beside]
        labels = self._labels_to_resolve(corrections)
        given = {name_key(name): unit for name, unit in settings.unit_names.items() if unit}
        self.units = {label: given[name_key(label)] for label in labels if name_key(label) in given}
        found, self.faults = settings.catalog.find_units(
            label for label in labels if label not in self.units
        )
        self.units |= found
        self.ignored = self._ignored_labels()

    def _labels_to_resolve(self, corrections: SheetCorrections) -> list[str]:
        labels = [correction.unit for correction in corrections.values() if correction.unit]
        if self._plan.unit_column is not None:
            explained = self._export.lines if self._export else frozenset()
            rows = range(self._plan.header + 1, len(self._sheet.rows))
            labels += [self._unit_label(row) for row in rows if row not in explained]
        return labels

    def _ignored_labels(self) -> dict[str, str]:
        """Return, by label that is not a unit, why its values are ignored."""
        candidates = self._settings.catalog.candidates_of_labels(self.faults)
        unknown = [text for text, units in candidates.items() if text.strip() and not units]
        found = {}
        for text in unknown:
            if self._export and name_key(text) in self._export.aggregates:
                found[text] = AGGREGATE
            elif self._plan.ignores_unknown_units or self._settings.ignores_unknown_units:
                found[text] = UNKNOWN_UNIT
        return found

    def _unit_label(self, row: int) -> str:
        """Return the label of a row's unit; if blank, the name beside it in a known format."""
        labels = (self._sheet.label(row, c) for c in self._unit_columns if c is not None)
        return next((label for label in labels if label.strip()), "")

    def labels(self, row: int) -> tuple[str, int | str]:
        """Return the unit and the year of a row as in the file."""
        plan, sheet = self._plan, self._sheet
        unit = plan.unit_id
        if plan.unit_column is not None:
            unit = self._unit_label(row)
        period: int | str = "" if plan.period is None else plan.period
        if plan.year_column is not None:
            period = sheet.label(row, plan.year_column).strip()
        return unit, period

    def unit(self, label: str) -> str | None:
        """Return the unit_id of a label, or None."""
        return self._plan.unit_id if label == self._plan.unit_id else self.units.get(label)

    def are_record(self, unit: str, period: int | str) -> bool:
        """Return whether labels name a unit and a year."""
        if unit not in self.units and not self._plan.unit_id:
            return False
        return self._plan.layout == "years_across" or parsed_year(period) is not None


def parsed_year(text: int | str) -> int | None:
    """Return the year of a label; None if it is not a year."""
    try:
        return text if isinstance(text, int) else year(text)
    except Unreadable:
        return None


def why_not_a_year(text: str) -> str:
    """Return why a label is not a year."""
    try:
        year(text)
    except Unreadable as error:
        return f"the year {shown(text)} {error}" if text else "the year is missing."
    return ""

"""Counts of the classified cells of a sheet, and the messages on them."""

from collections import Counter

from credit_indices.exports.safe_csv import printable
from credit_indices.ingest import exports, limits
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cell_text import decimal_text, is_missing, is_whole, name_key
from credit_indices.ingest.cells import (
    ACCEPTED,
    AGGREGATE,
    IGNORED,
    PENDING,
    READ,
    UNKNOWN_UNIT,
    Cell,
    SheetCorrections,
)
from credit_indices.ingest.mapping import Mapping
from credit_indices.ingest.measurement_units import is_counted
from credit_indices.ingest.reading_plan import IGNORE, READ_THEM, ReadingPlan
from credit_indices.ingest.result import Result
from credit_indices.ingest.sheets import Sheet, column_letters


class SheetSummary:
    """Counts of a sheet's cells by role, and the cells that need a message."""

    def __init__(self, sheet: Sheet, plan: ReadingPlan, corrections: SheetCorrections) -> None:
        self.sheet, self.plan, self._corrections = sheet, plan, corrections
        self.counts: Counter = Counter()
        self._projections: Counter = Counter()
        self._unmapped: dict[str, None] = {}
        self._first_with_decimals: dict[str, Cell] = {}
        self._ignored_labels: dict[str, Counter] = {AGGREGATE: Counter(), UNKNOWN_UNIT: Counter()}

    def add(self, cell: Cell) -> None:
        """Count a cell."""
        if cell.role == ACCEPTED and cell.value is not None and not is_whole(cell.value):
            self._first_with_decimals.setdefault(cell.indicator, cell)
        if cell.role == PENDING and cell.reason:
            self._unmapped[cell.reason] = None
        if cell.role == IGNORED and cell.reason and not is_missing(cell.text):
            self._ignored_labels[cell.reason][cell.unit] += 1
        self.counts[cell.role] += 1
        self._projections[cell.role] += cell.is_projection
        if cell.role in READ and not cell.text.strip():
            self.counts["missing_empty"] += 1

    def report(self, mapped: Mapping, catalog: Catalog, result: Result) -> None:
        """Add the counts, the warnings and the decisions of the sheet to the result."""
        sheet, plan = self.sheet, self.plan
        self._report_projections(result)
        result.notes += _ignored_units_notes(sheet, plan, self._ignored_labels, catalog)
        result.notes += _country_notes(sheet, plan, mapped, catalog)
        result.notes += self._decimals_notes(catalog)
        result.notes += [
            f"{sheet.where}, {column_letters(column)}{row + 1} is no longer the value of {it.own} "
            "(unit, year, indicator, factor); its correction was not used."
            for (row, column), it in self._corrections.items()
            if it.is_of_another
        ]
        result.pending += [
            f"{sheet.where} {name}: is not in the mapping (new?). Add it to indicators: there, or "
            "remove the entry of the sheet: the next run proposes a new one."
            for name in self._unmapped
        ]
        result.cells.append((sheet, plan, self.counts))

    def _report_projections(self, result: Result) -> None:
        where = self.sheet.where
        if number := self._projections[PENDING]:
            result.pending.append(
                f"{where}: {number:,} value(s) are projections: their years are after the last "
                "actual year of their rows. Set projections: read or ignore in the sheet's entry."
            )
        if number := self._projections.total() - self._projections[PENDING]:
            action = "read" if self.plan.projections == READ_THEM else "ignored"
            result.notes.append(f"{where}: {number:,} projection(s) are {action}.")

    def _decimals_notes(self, catalog: Catalog) -> list[str]:
        """Return warnings on counts with decimals."""
        return [
            f"{self.sheet.where} {cell.where} {cell.shown}: {code} is counted, but "
            f"{decimal_text(cell.value)} is not a whole number. Is the factor correct?"
            for code, cell in self._first_with_decimals.items()
            if cell.value is not None and is_counted(catalog.indicators[code].measure)
        ]


def _ignored_units_notes(
    sheet: Sheet, plan: ReadingPlan, ignored: dict[str, Counter], catalog: Catalog
) -> list[str]:
    """Return warnings that count values ignored because their labels are not units."""
    lines = []
    export = exports.export_of(sheet, plan)
    for why, labels in ignored.items():
        if not labels:
            continue
        names = export.aggregates if export and why == AGGREGATE else {}
        shown = [
            f"{label} ({name})" if (name := names.get(name_key(label), label)) != label else label
            for label in labels
        ]
        noun = "aggregate(s)" if why == AGGREGATE else "label(s)"
        line = (
            f"{sheet.where}: ignored {labels.total():,} value(s) of {len(labels)} {noun} that are "
            f"not units of {catalog.places['units']}: {'; '.join(shown[:8])}"
            f"{f'; and {len(shown) - 8} more' if len(shown) > 8 else ''}."
        )
        if why == UNKNOWN_UNIT:
            similar = {label: catalog.similar_units(label) for label in list(labels)[:100]}
            close = [f"{limits.shown(label)}: {it[0]}?" for label, it in similar.items() if it]
            line += f" Some look like units: {'; '.join(close[:5])}" if close else ""
        lines.append(line)
    return lines


def _country_notes(sheet: Sheet, plan: ReadingPlan, mapped: Mapping, catalog: Catalog) -> list[str]:
    """Return a warning that lists labels matched to a unit because both name one country."""
    if plan.unit_column is None or plan.layout in ("", IGNORE):
        return []
    given = {name_key(name) for name in mapped.unit_names}
    rows = range(plan.header + 1, len(sheet.rows))
    labels = dict.fromkeys(sheet.label(row, plan.unit_column).strip() for row in rows)
    units, _ = catalog.find_units(label for label in labels if name_key(label) not in given)
    taken = [
        f"{label} is {unit} ({', '.join(filter(None, catalog.units[unit]))})"
        for label, unit in units.items()
        if catalog.is_by_country(label, unit)
    ]
    if not taken:
        return []
    more = f"; and {len(taken) - 5} more" if len(taken) > 5 else ""
    return [
        f"{sheet.where}: {len(taken)} label(s) are read as countries: {'; '.join(taken[:5])}{more}."
    ]


def fitting_corrections(sheet: Sheet, own: SheetCorrections, result: Result) -> SheetCorrections:
    """Return the corrections whose cell still has the content that was rejected."""
    fitting = {}
    for (row, column), correction in own.items():
        now = printable(sheet.text(row, column).strip())
        was = printable(correction.was.strip())
        # A spreadsheet that opened the list may have written 1,23 as 123.
        if now == was or (correction.is_new and _letters(now) == _letters(was)):
            correction.was = now
            fitting[row, column] = correction
        else:
            result.notes.append(
                f"{sheet.where}, {column_letters(column)}{row + 1} is "
                f"{limits.shown(sheet.text(row, column))}, not {limits.shown(correction.was)} as "
                "when it was corrected; the correction was not used."
            )
    return fitting


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))

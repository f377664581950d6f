"""Stage 5, validate: compare the accepted values with each other."""

import itertools
from collections import Counter
from dataclasses import dataclass

from credit_indices.ingest import value_checks
from credit_indices.ingest.catalog import Catalog
from credit_indices.ingest.cells import ACCEPTED, REJECTED, Cell
from credit_indices.ingest.mapping import Mapping
from credit_indices.ingest.result import Key, Result
from credit_indices.ingest.sheets import Sheet

ONE_OF_THEM = (
    "Ignore one of the columns in mapping.yml, or write ignore as corrected_value of the wrong "
    "value."
)


@dataclass
class Candidate:
    """A value that may be accepted, with the counts of its sheet's cells."""

    sheet: Sheet
    cell: Cell
    counts: Counter

    def reject(self, reason: str, result: Result) -> None:
        """Reject a value that was accepted before."""
        self.cell.role, self.cell.reason = REJECTED, reason
        self.counts[ACCEPTED] -= 1
        self.counts[REJECTED] += 1
        result.rejected.append((self.sheet, self.cell))


class Candidates:
    """Accepted values by unit, year and indicator.

    Equal values of several sheets are merged; a second one in the same sheet is rejected. If values
    differ, all are rejected, and the message names the two sheets.
    """

    def __init__(self) -> None:
        self._firsts: dict[Key, Candidate] = {}
        self._repeated: dict[Key, list[Candidate]] = {}

    def add(self, sheet: Sheet, cell: Cell, counts: Counter) -> None:
        """Add an accepted value."""
        key = cell.unit, cell.period, cell.indicator
        first = self._firsts.setdefault(key, Candidate(sheet, cell, counts))
        if first.cell is not cell:
            self._repeated.setdefault(key, [first]).append(Candidate(sheet, cell, counts))

    def validate(self, mapped: Mapping, catalog: Catalog, result: Result) -> None:
        """Reject values that contradict others, and put the rest into the result."""
        self._settle(result)
        self._compare(mapped, catalog, result)
        result.accepted = {
            key: (first.sheet, first.cell)
            for key, first in self._firsts.items()
            if first.cell.role == ACCEPTED
        }

    def _settle(self, result: Result) -> None:
        """Merge equal values of several sheets; reject all that differ, and name the sheets."""
        equal: Counter = Counter()
        differing: dict[tuple[str, str, str], list[str]] = {}
        for key, found in self._repeated.items():
            if len({it.cell.value for it in found}) == 1:
                _merge(found, equal, result)
            else:
                _reject_all(key, found, differing, result)
        result.notes += [
            f"{other}: {number:,} value(s) are also in {one}; each is taken once."
            for (one, other), number in equal.items()
        ]
        result.pending += [
            f"{one} and {other} differ in {len(examples):,} value(s) of {indicator}, such as "
            f"{'; '.join(examples[:3])}. None of them is taken. Write indicator: ignore for "
            f"{indicator} in one of the two in mapping.yml, or ignore as corrected_value of single "
            "values in rejected.csv."
            for (one, other, indicator), examples in differing.items()
        ]

    def _compare(self, mapped: Mapping, catalog: Catalog, result: Result) -> None:
        """Reject accepted values that look like missing-value codes within their indicator."""
        cells = {key: (first.sheet, first.cell) for key, first in self._firsts.items()}
        found = value_checks.examine(cells, mapped.plans, mapped.missing, catalog)
        for key, reason in found.rejected:
            self._firsts[key].reject(reason, result)
        result.notes += found.notes


def _merge(found: list[Candidate], equal: Counter, result: Result) -> None:
    """Take the first of equal values; count those of other sheets, reject those of its own."""
    first = found[0]
    sheets_so_far = {id(first.sheet)}
    for it in found[1:]:
        if id(it.sheet) in sheets_so_far:
            it.reject(_second(first.sheet, first.cell), result)
        else:
            equal[first.sheet.where, it.sheet.where] += 1
        sheets_so_far.add(id(it.sheet))


def _reject_all(
    key: Key,
    found: list[Candidate],
    differing: dict[tuple[str, str, str], list[str]],
    result: Result,
) -> None:
    """Reject values that differ; add examples to `differing`, by two sheets and indicator."""
    unit, period, indicator = key
    for it in found:
        others = [
            f"{o.sheet.where}, {o.cell.where} {o.cell.shown}" for o in found[:6] if o is not it
        ]
        it.reject(
            "is one of several different values for this unit, year and indicator, of which none "
            f"is taken; the others: {'; '.join(others[:5])}. {ONE_OF_THEM}",
            result,
        )
    for one, other in itertools.combinations(found[:6], 2):
        if one.sheet is not other.sheet and one.cell.value != other.cell.value:
            differing.setdefault((one.sheet.where, other.sheet.where, indicator), []).append(
                f"{unit} {period}: {one.cell.text.strip()} and {other.cell.text.strip()}"
            )


def _second(sheet: Sheet, first: Cell) -> str:
    return (
        "is a second value for this unit, year and indicator; the first is in "
        f"{sheet.where}, {first.where} ({first.text.strip()}). {ONE_OF_THEM}"
    )

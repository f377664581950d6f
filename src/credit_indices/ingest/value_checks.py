"""Compare accepted values within their indicator: missing-value codes, fractions, outliers.

A single cell cannot show these: -999 is a value among -1200 and -300, and a missing-value code
among 10 and 37.5.
"""

import csv
import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from statistics import median

from credit_indices.ingest.catalog import SEEDS, Catalog
from credit_indices.ingest.cell_text import EXACT, decimal_text, name_key
from credit_indices.ingest.cells import ACCEPTED, Cell
from credit_indices.ingest.decimals import is_open_point
from credit_indices.ingest.measurement_units import factor, is_counted
from credit_indices.ingest.reading_plan import ReadingPlan
from credit_indices.ingest.sheets import Sheet

Key = tuple[str, int, str]
NO_CODE = "none"
"""Value of `missing:` in the mapping if no value is a code."""

OF_COUNTS = Decimal(-1)
"""A code if values cannot be negative; elsewhere a usual value."""
_SHARES = re.compile(
    r"(?:share|fraction|proportion|probability|ratio,? 0-1|0-1|\[0,? ?1\]|比例|份额|占比|小数)"
    r"(?:s| \(?0-1\)?)?"
)
_RATIOS = re.compile(r"ratios?|coefficients?|比率|系数")
FAR = 5
"""A code up to 100 is far if the gap to the other values is this multiple of their range."""
TIMES = 10
"""Such a code is also far if it is this multiple of the largest other value."""
OUTLYING = 10
"""A value is reported as an outlier if the gap is this multiple of the other values' range."""
PERCENT_OF = 30
"""Percentages of two consecutive years are reported if they differ by this factor."""
OTHER_UNIT = Decimal(100)
"""Sheets are reported if the values of the same units differ by this factor."""


@dataclass
class Found:
    """Findings: keys to reject with their reasons, and warnings."""

    rejected: list[tuple[Key, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Value:
    """An accepted value; ``code`` is the cell's own number if it is a usual missing-value code."""

    key: Key
    sheet: Sheet
    cell: Cell
    value: Decimal
    code: Decimal | None = None

    @property
    def where(self) -> str:
        return f"{self.sheet.where} {self.cell.where} {self.cell.shown}"


def examine(
    cells: Mapping[Key, tuple[Sheet, Cell]],
    plans: dict[tuple[str, str], ReadingPlan],
    missing: list[str],
    catalog: Catalog,
) -> Found:
    """Compare accepted values with the others of their indicator in all files.

    Args:
        cells: the cells by unit, year and indicator.
        plans: the plans of the sheets, by file and sheet.
        missing: the missing-value codes that the mapping names for all sheets.
        catalog: the indicators.

    """
    found = Found()
    by_indicator: dict[str, list[Key]] = defaultdict(list)
    for key, (_, cell) in cells.items():
        if cell.role == ACCEPTED:
            by_indicator[key[2]].append(key)
    for code, keys_of in sorted(by_indicator.items()):
        values = [
            _Value(key, sheet, cell, cell.value)
            for key in keys_of
            for sheet, cell in [cells[key]]
            if cell.value is not None
        ]
        measure = catalog.indicators[code].measure
        is_count = is_counted(measure)
        for value in values:
            value.code = None if value.cell.is_corrected else _code_of(value, is_count)
            if value.code is not None and _is_settled(value, plans, missing):
                value.code = None
        suspects = list(_suspects(values))
        found.rejected += [(value.key, reason) for value, reason in suspects]
        keys = {value.key for value, _ in suspects}
        rest = [value for value in values if value.key not in keys]
        found.notes += _outliers(code, rest)
        found.notes += _fractions(code, measure, rest)
        found.notes += _other_units(code, rest)
        found.notes += _three_digits(code, measure, rest, plans)
    return found


def _is_settled(
    value: _Value, plans: dict[tuple[str, str], ReadingPlan], missing: list[str]
) -> bool:
    """Return whether the user stated that no value of the series is a code."""
    plan = plans[value.sheet.file, value.sheet.name]
    of_series = [s.missing for s in plan.series if s.indicator == value.key[2]]
    said = [*missing, *plan.missing, *(code for codes in of_series for code in codes)]
    return NO_CODE in map(name_key, said)


def _code_of(value: _Value, is_count: bool) -> Decimal | None:
    """Return a value in the file's own unit if it is a usual missing-value code."""
    raw = _raw(value)
    return raw if raw in _codes() or (is_count and raw == OF_COUNTS) else None


def _raw(value: _Value) -> Decimal:
    times = value.cell.factor or Decimal(1)
    return value.value if times == 1 else EXACT.divide(value.value, times)


@functools.cache
def _codes() -> frozenset[Decimal]:
    """Return the usual missing-value codes, the same list as the build's."""
    with open(SEEDS / "missing_value_codes.csv", encoding="utf-8", newline="") as stream:
        return frozenset(Decimal(row["code"]) for row in csv.DictReader(stream))


def _suspects(values: list[_Value]) -> Iterator[tuple[_Value, str]]:
    """Yield the values that look like codes: usual ones, far from all other values."""
    coded: dict[Decimal, list[_Value]] = defaultdict(list)
    for value in values:
        if value.code is not None:
            coded[value.code].append(value)
    if not coded:
        return
    others = sorted({value.value for value in values if value.code is None})
    of_units: dict[str, set[Decimal]] = defaultdict(set)
    for value in values:
        if value.code is None:
            of_units[value.key[0]].add(value.value)
    for code, found in coded.items():
        for value in found:
            is_far = _is_far(value.value, code, others)
            own = of_units[value.key[0]]
            is_far_of_own = (
                len(own) > 1
                and abs(code) > 10
                and abs(value.value) >= TIMES * max(map(abs, own))
                and (code > 0 or min(own) >= 0)
            )
            if is_far or is_far_of_own:
                near = _range(others) if is_far else f"{_range(sorted(own))} for its unit"
                yield value, _reason(code, value.key[2], near)


def _range(others: list[Decimal]) -> str:
    if not others:
        return "there are none"
    ends = dict.fromkeys((others[0], others[-1]))
    return f"they are {' to '.join(map(decimal_text, ends))}"


def _is_far(value: Decimal, code: Decimal, others: list[Decimal]) -> bool:
    """Return whether a code is far from all other values."""
    if not others:
        return code <= -99
    low, high = others[0], others[-1]
    spread = high - low
    if low <= value <= high:
        return False
    gap = max(low - value, value - high)
    if code < 0:
        return low >= 0 or (code < -10 and gap > spread)
    if len(others) < 2:
        return False
    if code <= 100:  # an ordinary percentage
        return value >= TIMES * max(abs(low), abs(high)) or (low >= 0 and gap >= FAR * spread > 0)
    return gap > spread


def _reason(code: Decimal, indicator: str, near: str) -> str:
    text = decimal_text(code)
    return (
        f"looks like a code of missing values: no other value of {indicator} is near "
        f"({near}). Set missing: {text} in the sheet's entry of mapping.yml, or missing: "
        f"{NO_CODE} if it is a value; or correct it here."
    )


def _outliers(indicator: str, values: list[_Value]) -> Iterator[str]:
    """Yield the largest or smallest value if it is far from all others, or a lone small code."""
    distinct = sorted({value.value for value in values})
    if len(distinct) < 2:
        return
    by_value = {value.value: value for value in values}
    low = distinct[0]
    if low < 0 <= distinct[1] and _raw(by_value[low]) == OF_COUNTS:
        yield (
            f"{by_value[low].where}: the only negative value of {indicator}, and a usual code of "
            "missing values. Is it one?"
        )
        return
    if len(distinct) < 5:
        return
    for extreme, others in ((distinct[-1], distinct[:-1]), (distinct[0], distinct[1:])):
        gap = min(abs(extreme - others[0]), abs(extreme - others[-1]))
        if gap >= OUTLYING * (others[-1] - others[0]) and not by_value[extreme].cell.is_corrected:
            yield (
                f"{by_value[extreme].where}: far from all other values of {indicator} "
                f"({decimal_text(others[0])} to {decimal_text(others[-1])}). Is it a missing code, "
                "in another unit of measurement, or a slip?"
            )


def _fractions(indicator: str, measure: str, values: list[_Value]) -> Iterator[str]:
    """Yield sheets whose percentages may be fractions, or whose fractions percentages."""
    is_percent = factor("percent", measure) == 1
    name = name_key(measure)
    is_share, is_ratio = bool(_SHARES.fullmatch(name)), bool(_RATIOS.fullmatch(name))
    if not (is_percent or is_share or is_ratio):
        return
    for sheet, found in _by_sheet(values):
        bare = [v for v in found if v.value and not v.cell.text.strip().endswith(("%", "％"))]
        if not bare:
            continue
        sizes = [abs(value.value) for value in bare]
        first = f"{sheet.where}, such as {bare[0].cell.where} {bare[0].cell.shown}"
        if is_percent and max(sizes) <= 1:
            yield (
                f"{first}: {indicator} is in {measure}, and all its values there lie between -1 "
                "and 1. Are they fractions? Then the factor is 100."
            )
        elif is_percent:
            yield from _fractions_of_a_year(sheet, indicator, measure, bare)
        elif (is_share and max(sizes) > 1) or (is_ratio and min(sizes) > 1):
            large = next(value for value in bare if abs(value.value) > 1)
            yield (
                f"{large.where}: {indicator} is in {measure}, and the value is above 1. Is it a "
                "percentage? Then the factor is 0.01."
            )


def _fractions_of_a_year(
    sheet: Sheet, indicator: str, measure: str, values: list[_Value]
) -> Iterator[str]:
    """Yield the first year whose percentages lie in -1 to 1, far below the year beside it."""
    years: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for value in values:
        years[value.key[1]][value.key[0]] = abs(value.value)
    for one, other in pairwise(sorted(years)):
        units = sorted(years[one].keys() & years[other].keys())
        if len(units) < 3:
            continue
        times = median(EXACT.divide(years[other][unit], years[one][unit]) for unit in units)
        year = one if times > 1 else other
        if max(times, 1 / times) >= PERCENT_OF and max(years[year].values()) <= 1:
            yield (
                f"{sheet.where}: {indicator} is in {measure}, and its values of {year} lie "
                "between -1 and 1, unlike those of the year beside it. Are they fractions?"
            )
            return


def _other_units(indicator: str, values: list[_Value]) -> Iterator[str]:
    """Yield sheets whose values are a hundred times those of another, unit by unit."""
    sheets = [
        (sheet, {value.key[0]: abs(value.value) for value in found if value.value})
        for sheet, found in _by_sheet(values)
    ]
    for (one, first), (other, second) in pairwise(sheets):
        units = sorted(first.keys() & second.keys())
        if len(units) < 3:
            continue
        times = median(EXACT.divide(second[unit], first[unit]) for unit in units)
        if times >= OTHER_UNIT or times <= 1 / OTHER_UNIT:
            yield (
                f"{indicator}: the values of {other.where} are about {float(times):.2g} times "
                f"those of {one.where} for the same {len(units)} units. Are they in one unit of "
                "measurement?"
            )


def _three_digits(
    indicator: str, measure: str, values: list[_Value], plans: dict[tuple[str, str], ReadingPlan]
) -> Iterator[str]:
    """Yield sheets where only other indicators prove that the point is a decimal mark."""
    if factor("percent", measure) == 1:
        return
    for sheet, found in _by_sheet(values):
        written = [v for v in found if sheet.is_written(v.cell.row, v.cell.column)]
        if (
            len(written) > 2
            and plans[sheet.file, sheet.name].decimal_mark != "."
            and all(is_open_point(value.cell.text) for value in written)
        ):
            yield (
                f"{sheet.where}: all {len(written)} values of {indicator}, such as "
                f"{written[0].cell.shown}, have three digits after the point, which is a decimal "
                "point in other columns and is read as one."
            )


def _by_sheet(values: Iterable[_Value]) -> list[tuple[Sheet, list[_Value]]]:
    groups: dict[int, tuple[Sheet, list[_Value]]] = {}
    for value in values:
        groups.setdefault(id(value.sheet), (value.sheet, []))[1].append(value)
    return list(groups.values())

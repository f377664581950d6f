"""Interval arithmetic on published, rounded numbers.

A number published with d decimals stands for every number within half a unit of its last digit. An
`Interval` holds the published value with the smallest and the largest number that it stands for.
Arithmetic on intervals gives the result for the published values, and the smallest and largest
results for all numbers that they stand for. Guarantees:

* **The ends are exact**, up to the last bits of double precision: those of a published number are
  the nearest doubles (1.87 is 1.865 to 1.875), those of a result are the formula at the ends of its
  inputs. They are not rounded outwards: if a claim depends on the 16th digit, they may be wrong.
* **No range is too wide.** Operators assume independent operands, which is wrong if a formula uses
  a number twice. Therefore operators refuse operands that share a published number; `corners`
  computes such formulas.
* **Missing values propagate.** A result is missing if an input is missing, or if a divisor's
  interval contains zero. Comparisons with a missing number are None, neither True nor False, and
  `all_of` keeps None distinct.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from math import isnan, nan

import pandas as pd


@dataclass(frozen=True)
class Interval:
    """A number with the smallest and the largest that it stands for; nan if missing."""

    value: float
    low: float
    high: float
    sources: frozenset[object] = field(default=frozenset(), repr=False, compare=False)
    """The published numbers that it was computed from."""

    @property
    def missing(self) -> bool:
        """Whether the number is missing."""
        return isnan(self.value)

    @property
    def max_error(self) -> float:
        """Largest distance of a number that it stands for from its value."""
        return max(self.high - self.value, self.value - self.low)

    def __add__(self, other: Number) -> Interval:
        """Add."""
        other, sources = self._independent(other)
        ends = self.low + other.low, self.high + other.high
        return Interval(self.value + other.value, *ends, sources)

    def __neg__(self) -> Interval:
        """Change the sign."""
        return Interval(-self.value, -self.high, -self.low, self.sources)

    def __sub__(self, other: Number) -> Interval:
        """Subtract."""
        return self + -exact(other)

    def __rsub__(self, other: Number) -> Interval:
        """Subtract from an exact number."""
        return exact(other) - self

    def __mul__(self, other: Number) -> Interval:
        """Multiply."""
        other, sources = self._independent(other)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(self.value * other.value, min(ends), max(ends), sources)

    def __truediv__(self, other: Number) -> Interval:
        """Divide; missing if the divisor may be zero."""
        other, sources = self._independent(other)
        if other.missing or other.low <= 0 <= other.high:
            return MISSING
        ends = [a / b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(self.value / other.value, min(ends), max(ends), sources)

    def __rtruediv__(self, other: Number) -> Interval:
        """Divide an exact number."""
        return exact(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __abs__(self) -> Interval:
        """Drop the sign."""
        low = 0.0 if self.low <= 0 <= self.high else min(abs(self.low), abs(self.high))
        return Interval(abs(self.value), low, max(abs(self.low), abs(self.high)), self.sources)

    def map(self, function: Callable[[float], float]) -> Interval:
        """Apply a function that is monotonic on the interval."""
        if self.missing:
            return MISSING
        low, high = sorted((function(self.low), function(self.high)))
        return Interval(function(self.value), low, high, self.sources)

    def overlaps(self, other: Number) -> bool | None:
        """Whether both can stand for the same number; None if either is missing."""
        other = exact(other)
        if self.missing or other.missing:
            return None
        return bool(self.low <= other.high and self.high >= other.low)

    def __format__(self, spec: str) -> str:
        """Format the value."""
        return format(self.value, spec)

    def _independent(self, other: Number) -> tuple[Interval, frozenset[object]]:
        other = exact(other)
        if self.sources & other.sources:
            raise ValueError(
                f"{self} and {other} come from the same published number: operators would give too "
                "wide a range; write the formula as a function and use corners"
            )
        return other, self.sources | other.sources


Number = Interval | float

MISSING = Interval(nan, nan, nan)


def published(value: float, decimals: int) -> Interval:
    """Return a number published with `decimals`; negative decimals are zeros before the point.

    A value of nan or None is missing.
    """
    if pd.isna(value):
        return MISSING
    half, decimal = Decimal(5).scaleb(-decimals - 1), Decimal(repr(float(value)))
    ends = float(decimal - half), float(decimal + half)
    return Interval(float(value), *ends, frozenset([object()]))


def exact(number: Number) -> Interval:
    """Return an unrounded number as an interval; an interval unchanged."""
    if isinstance(number, Interval):
        return number
    return Interval(float(number), float(number), float(number))


def corners(formula: Callable[..., float], *inputs: Number) -> Interval:
    """Compute a formula in which numbers occur more than once.

    Args:
        formula: a function of floats that is monotonic in each of them on its interval.
        inputs: its arguments.

    Returns:
        The formula at the inputs' values, and its extremes over every combination of their ends and
        values. Missing if an input is missing or the formula divides by zero.

    """
    intervals = [exact(number) for number in inputs]
    if any(one.missing for one in intervals):
        return MISSING
    try:
        value = formula(*(one.value for one in intervals))
        points = product(*((one.low, one.value, one.high) for one in intervals))
        values = [formula(*point) for point in points]
    except ZeroDivisionError:
        return MISSING
    sources = frozenset().union(*(one.sources for one in intervals))
    return Interval(value, min(values), max(values), sources)


def at_most(left: float, right: float) -> bool | None:
    """Whether left <= right; None if either is missing (nan)."""
    return None if isnan(left) or isnan(right) else bool(left <= right)


def below(left: float, right: float) -> bool | None:
    """Whether left < right; None if either is missing (nan)."""
    return None if isnan(left) or isnan(right) else bool(left < right)


def equal(left: float, right: float) -> bool | None:
    """Whether two numbers are equal; None if either is missing (nan)."""
    return None if isnan(left) or isnan(right) else bool(left == right)


def between(low: float, number: float, high: float) -> bool | None:
    """Whether low <= number <= high; None if that is unknown."""
    return all_of(at_most(low, number), at_most(number, high))


def all_of(*conditions: bool | None) -> bool | None:
    """Whether all hold: False if one does not, else None if one is unknown."""
    if any(condition is not None and not condition for condition in conditions):
        return False
    return None if any(condition is None for condition in conditions) else True


class Numbers(dict[str, Interval]):
    """Published numbers by the code of their row; other codes give a missing number."""

    def __missing__(self, code: str) -> Interval:
        """Return the missing number."""
        return MISSING


def numbers_in(table: pd.DataFrame, column: str, decimals: str = "decimals") -> Numbers:
    """Read a column of a table as published.

    Args:
        table: a row per number, its index the codes.
        column: name of the column with the numbers; those that are NULL are missing.
        decimals: name of the column with the decimals of the published numbers.

    """
    known = table[table[column].notna()]
    cells = zip(known.index, known[column], known[decimals], strict=True)
    return Numbers({code: published(value, int(places)) for code, value, places in cells})

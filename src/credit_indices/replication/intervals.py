"""Published numbers, what their rounding leaves open, and what follows from them.

A number that is printed with d decimals stands for every number within half a unit of its last
digit. An `Interval` holds the printed value with the smallest and the largest number that it stands
for; arithmetic on intervals gives the value that follows from the printed ones, and the smallest
and the largest that follow from any numbers they stand for. What is guaranteed:

* **The ends are exact**, up to the last bits of double precision: those of a printed number are the
  nearest doubles (1.87 is 1.865 to 1.875), those of a result are the formula at the ends of its
  inputs. They are not rounded outwards: where a claim hangs on the 16th digit, they may err.
* **No range is too wide.** Operators take their operands for independent, which they are not where
  a formula has a number twice. Operators refuse operands that share a printed number; `corners`
  computes such formulas.
* **What is missing stays missing.** What is computed from a missing number is missing, and so is
  what is divided by an interval with zero in it. Comparisons with it are None, neither True nor
  False, and `all_of` keeps that apart.
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
    """A number with the smallest and the largest that it stands for; nan where it is missing."""

    value: float
    low: float
    high: float
    printed: frozenset[object] = field(default=frozenset(), repr=False, compare=False)
    """The printed numbers that it was computed from."""

    @property
    def missing(self) -> bool:
        """Whether there is no such number."""
        return isnan(self.value)

    @property
    def room(self) -> float:
        """How far a number that it stands for may lie from its value."""
        return max(self.high - self.value, self.value - self.low)

    def __add__(self, other: Number) -> Interval:
        """Add."""
        other, printed = self._beside(other)
        ends = self.low + other.low, self.high + other.high
        return Interval(self.value + other.value, *ends, printed)

    def __neg__(self) -> Interval:
        """Change the sign."""
        return Interval(-self.value, -self.high, -self.low, self.printed)

    def __sub__(self, other: Number) -> Interval:
        """Subtract."""
        return self + -exact(other)

    def __rsub__(self, other: Number) -> Interval:
        """Subtract from an exact number."""
        return exact(other) - self

    def __mul__(self, other: Number) -> Interval:
        """Multiply."""
        other, printed = self._beside(other)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(self.value * other.value, min(ends), max(ends), printed)

    def __truediv__(self, other: Number) -> Interval:
        """Divide; missing where the divisor may be zero."""
        other, printed = self._beside(other)
        if other.missing or other.low <= 0 <= other.high:
            return MISSING
        ends = [a / b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(self.value / other.value, min(ends), max(ends), printed)

    def __rtruediv__(self, other: Number) -> Interval:
        """Divide an exact number."""
        return exact(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __abs__(self) -> Interval:
        """Drop the sign."""
        low = 0.0 if self.low <= 0 <= self.high else min(abs(self.low), abs(self.high))
        return Interval(abs(self.value), low, max(abs(self.low), abs(self.high)), self.printed)

    def map(self, function: Callable[[float], float]) -> Interval:
        """Apply a function that rises or falls throughout the interval."""
        if self.missing:
            return MISSING
        low, high = sorted((function(self.low), function(self.high)))
        return Interval(function(self.value), low, high, self.printed)

    def overlaps(self, other: Number) -> bool | None:
        """Whether one number can be what both stand for; None if either is missing."""
        other = exact(other)
        if self.missing or other.missing:
            return None
        return bool(self.low <= other.high and self.high >= other.low)

    def __format__(self, spec: str) -> str:
        """Format the value."""
        return format(self.value, spec)

    def _beside(self, other: Number) -> tuple[Interval, frozenset[object]]:
        other = exact(other)
        if self.printed & other.printed:
            raise ValueError(
                f"{self} and {other} come from the same printed number: operators would give too "
                "wide a range; write the formula as a function and use corners"
            )
        return other, self.printed | other.printed


Number = Interval | float

MISSING = Interval(nan, nan, nan)


def printed(value: float, decimals: int) -> Interval:
    """Return a number as printed with so many decimals; negative ones are zeros before the point.

    Where the value is nan or None, it is missing.
    """
    if pd.isna(value):
        return MISSING
    half, decimal = Decimal(5).scaleb(-decimals - 1), Decimal(repr(float(value)))
    ends = float(decimal - half), float(decimal + half)
    return Interval(float(value), *ends, frozenset([object()]))


def exact(number: Number) -> Interval:
    """Return a number that is not rounded as an interval; an interval as it is."""
    if isinstance(number, Interval):
        return number
    return Interval(float(number), float(number), float(number))


def corners(formula: Callable[..., float], *inputs: Number) -> Interval:
    """Compute a formula in which numbers occur more than once.

    Args:
        formula: a function of floats that rises or falls with each of them throughout its interval.
        inputs: its arguments.

    Returns:
        The formula at the inputs' values, and its extremes over every combination of their ends and
        values. Missing where an input is, and where the formula divides by zero.

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
    sources = frozenset().union(*(one.printed for one in intervals))
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
    """Printed numbers by the code of their row; those of other rows are missing."""

    def __missing__(self, code: str) -> Interval:
        """Return the missing number."""
        return MISSING


def numbers_in(table: pd.DataFrame, column: str, decimals: str = "decimals") -> Numbers:
    """Read a column of a table as printed.

    Args:
        table: a row per number, its index the codes.
        column: name of the column with the numbers; those that are NULL are missing.
        decimals: name of the column with the decimals that they are printed with.

    """
    known = table[table[column].notna()]
    cells = zip(known.index, known[column], known[decimals], strict=True)
    return Numbers({code: printed(value, int(places)) for code, value, places in cells})

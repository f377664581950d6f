"""Checks of the arrays that the functions of this package take."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error and its normal (Wald) interval."""

    value: float
    std_error: float
    low: float
    high: float


def estimate(
    value: float,
    std_error: float,
    level: float,
    lower: float = -np.inf,
    upper: float = np.inf,
) -> Estimate:
    """Return value +- z * std_error, cut at the bounds of the statistic."""
    width = two_sided_quantile(level) * std_error
    low, high = max(lower, value - width), min(upper, value + width)
    return Estimate(float(value), float(std_error), float(low), float(high))


def two_sided_quantile(level: float) -> float:
    """Return z such that a standard normal value lies in +-z with probability `level`."""
    if not 0 < level < 1:
        raise ValueError(f"The level of an interval is {level}; expected a value between 0 and 1.")
    return NormalDist().inv_cdf(0.5 + level / 2)


def as_defaulted(values: ArrayLike) -> Flags:
    """Return outcomes as booleans, shape (n,).

    Raises:
        ValueError: If there are no rows, or a value is neither 0 nor 1 (nor a boolean).

    """
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"Outcomes have shape {array.shape}; expected (n,) with at least one row.")
    wrong = ~np.isin(array, (0, 1))
    if wrong.any():
        raise ValueError(
            f"Outcome {first_of(array, wrong)} is neither 0 (paid) nor 1 (defaulted). "
            "Remove loans whose outcome is unknown."
        )
    return array.astype(bool)


def as_two_classes(values: ArrayLike) -> Flags:
    """Return outcomes as booleans that contain both classes.

    Raises:
        ValueError: As `as_defaulted`, or if all loans defaulted or all were paid.

    """
    defaulted = as_defaulted(values)
    if defaulted.all() or not defaulted.any():
        raise ValueError(
            f"All {defaulted.size} loans {'defaulted' if defaulted[0] else 'were paid'}; "
            "expected both outcomes."
        )
    return defaulted


def as_finite(values: ArrayLike, n: int | None, name: str) -> Vector:
    """Return values as doubles, shape (n,).

    Raises:
        ValueError: If the number of rows differs from n, or a value is NaN or infinite.

    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or (n is not None and array.size != n):
        raise ValueError(f"{name} has shape {array.shape}; expected ({n},).")
    wrong = ~np.isfinite(array)
    if wrong.any():
        raise ValueError(f"{name} is {first_of(array, wrong)}; expected a finite number.")
    return array


def as_probabilities(values: ArrayLike, n: int) -> Vector:
    """Return probabilities as doubles, shape (n,).

    Raises:
        ValueError: As `as_finite`, or if a value is below 0 or above 1.

    """
    array = as_finite(values, n, "The probability")
    wrong = (array < 0) | (array > 1)
    if wrong.any():
        raise ValueError(f"The probability is {first_of(array, wrong)}; expected 0 to 1.")
    return array


def first_of(array: NDArray[Any], wrong: Flags) -> str:
    """Return the first wrong value with its place, as text for a message."""
    row = int(np.flatnonzero(wrong)[0])
    return f"{array[row].item() if hasattr(array[row], 'item') else array[row]!r} (row {row})"

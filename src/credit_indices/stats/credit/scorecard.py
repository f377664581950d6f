"""Scorecards: weight of evidence, logistic regression on it, points.

Siddiqi (2006), Credit Risk Scorecards, chapters 6 and 7. The weight of evidence of a bin is
ln(share of the paid loans / share of the defaulted loans): above 0 is safer than average. Every bin
stores its weight, and both the fit and the scoring look it up there, for missing and special values
too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from credit_indices.stats.credit.arrays import (
    Counts,
    Matrix,
    Vector,
    as_defaulted,
    as_two_classes,
    first_of,
)
from credit_indices.stats.credit.calibration import quantile_edges
from credit_indices.stats.credit.regression import expit, logistic_fit

Trend = Literal["none", "increasing", "decreasing", "either"]
"""Trend of the default rate over the bins of a number; `either` explains more of its
variance."""

ZeroCells = Literal["half", "error"]
"""A bin with one outcome only: add 1/2 to both counts of this bin, or refuse it."""

Columns = Mapping[str, ArrayLike]

HALF = 0.5

LEAST_INFORMATION = 0.02
"""Siddiqi (2006), chapter 6: a feature with a smaller information value is unpredictive."""

SINGULAR = 1e-10
"""Weights whose correlation matrix has a smaller eigenvalue are linearly dependent."""

PART = 1e-4
"""A feature with a smaller share in a linear dependence is not part of it."""


@dataclass(frozen=True)
class Bin:
    """Loans with similar values of a feature.

    Attributes:
        label: `(18, 25]`, `missing`, `special -1`, `category rent` or `other`.
        n: Number of loans.
        n_defaulted: Number of defaulted loans among them.
        weight: Weight of evidence.
        information: Contribution to the information value, never negative.

    """

    label: str
    n: int
    n_defaulted: int
    weight: float
    information: float


@dataclass(frozen=True)
class Binning:
    """Bins of one feature.

    Attributes:
        feature: Name of the feature.
        numeric: Whether the values are numbers; else they are categories (text).
        n_ranges: Number of ranges of a number; 0 for categories, or if all values were special.
        edges: Inner edges of the ranges; a range contains its upper edge.
        places: Bin of each special value or category; rare categories share one.
        missing: Bin of missing values, None if there were none.
        bins: Ranges first (increasing), then special values or categories, then missing values.

    """

    feature: str
    numeric: bool
    n_ranges: int
    edges: Vector
    places: Mapping[Any, int]
    missing: int | None
    bins: tuple[Bin, ...]

    @property
    def information_value(self) -> float:
        """Sum of (share of paid - share of defaulted loans) * weight over the bins."""
        return sum(each.information for each in self.bins)

    @property
    def weights(self) -> Vector:
        """Weights of evidence, shape (number of bins,)."""
        return np.array([each.weight for each in self.bins])

    def place(self, values: ArrayLike) -> Counts:
        """Return the number of the bin of each value, shape (n,).

        Args:
            values: Numbers with NaN for missing, or text with None for missing, shape (n,).

        Raises:
            ValueError: If a value is infinite or a category, special value or missing value that
                the fit did not contain. The message names feature, value and row.

        """
        return _place(self, values)

    def transform(self, values: ArrayLike) -> Vector:
        """Return the weight of evidence of each value, shape (n,); errors as `place`."""
        return self.weights[self.place(values)]


@dataclass(frozen=True)
class Scaling:
    """Scale of points: `base_points` at odds `base_odds` of paid to defaulted loans.

    Attributes:
        base_points: Points at the base odds.
        base_odds: Paid loans per defaulted loan, above 0.
        double_odds: Points that double the odds (PDO), above 0.

    """

    base_points: float = 600.0
    base_odds: float = 50.0
    double_odds: float = 20.0

    def __post_init__(self):
        if not (self.base_odds > 0 and self.double_odds > 0):
            raise ValueError(
                f"base_odds is {self.base_odds} and double_odds {self.double_odds}; expected "
                "values above 0."
            )

    @property
    def factor(self) -> float:
        """Points per unit of log odds."""
        return self.double_odds / log(2)

    @property
    def offset(self) -> float:
        """Points at odds of 1."""
        return self.base_points - self.factor * log(self.base_odds)


@dataclass(frozen=True)
class Scorecard:
    """A logistic regression of default on weights of evidence, as points.

    Attributes:
        binnings: One per feature, in the order of the coefficients.
        intercept: Log odds of default at weights of 0.
        coefficients: Shape (p,). Below 0 if the feature acts as alone; a positive one is reversed
            by the other features.
        std_errors: Shape (p,).
        scaling: Scale of the points.

    """

    binnings: tuple[Binning, ...]
    intercept: float
    coefficients: Vector
    std_errors: Vector
    scaling: Scaling = field(default_factory=Scaling)

    def log_odds(self, columns: Columns) -> Vector:
        """Return the log odds of default, shape (n,); errors as `Binning.place`."""
        weights = _weights(self.binnings, columns)
        return self.intercept + (weights * self.coefficients).sum(axis=1)

    def probability(self, columns: Columns) -> Vector:
        """Return the probabilities of default, shape (n,); errors as `Binning.place`."""
        return expit(self.log_odds(columns))

    def bin_points(self) -> list[Vector]:
        """Return the points of every bin, one array per feature.

        Each feature carries an equal part of the intercept and of the offset, so the points of a
        loan add up to offset - factor * log odds of default.
        """
        scale, p = self.scaling, len(self.binnings)
        constant = (scale.offset - scale.factor * self.intercept) / p
        return [
            constant - scale.factor * coefficient * binning.weights
            for binning, coefficient in zip(self.binnings, self.coefficients, strict=True)
        ]

    def points(self, columns: Columns) -> Matrix:
        """Return the points of each loan by feature, shape (n, p); the score is their sum.

        A higher sum is a lower risk. Errors as `Binning.place`.
        """
        return np.column_stack(
            [
                points[binning.place(_column(columns, binning.feature))]
                for binning, points in zip(self.binnings, self.bin_points(), strict=True)
            ]
        )


def fit_bins(
    feature: str,
    values: ArrayLike,
    defaulted: ArrayLike,
    *,
    n_bins: int = 10,
    trend: Trend = "none",
    special: Collection[float] = (),
    zero_cells: ZeroCells = "half",
    rare: int = 0,
) -> Binning:
    """Return the bins of a feature and their weights of evidence.

    Numbers get quantile bins; under a trend, neighbouring bins merge until the default rate is
    monotone (pool adjacent violators). Every category is a bin, except that rare ones share the bin
    `other`. Missing values are one bin, and each special value that occurs is one; neither takes
    part in the trend.

    Args:
        feature: Name, for messages.
        values: Numbers with NaN for missing, or text with None for missing, shape (n,).
        defaulted: Outcomes, shape (n,).
        n_bins: Number of quantile bins at most.
        trend: Trend of the default rate over the quantile bins.
        special: Numbers that are codes, such as -1 for "never".
        zero_cells: Rule for a bin with one outcome only.
        rare: Categories with fewer loans are rare.

    Raises:
        ValueError: If a value is infinite, only one outcome is present, the argument of an option
            is unknown, or a bin has one outcome only under `error`.

    """
    outcome = as_two_classes(defaulted)
    array, numeric = _read(feature, values, outcome.size)
    gone = _missing(array, numeric)
    codes = np.isin(array, list(special)) & ~gone if numeric else ~gone
    place = np.full(outcome.size, -1)
    edges = np.array([])
    ranged = ~gone & ~codes
    n_ranges = 0
    if ranged.any():
        edges = quantile_edges(array[ranged], n_bins)
        if trend != "none":
            edges = _merge(edges, array[ranged], outcome[ranged], trend)
        place[ranged] = np.searchsorted(edges, array[ranged], side="left")
        n_ranges = edges.size + 1
    labels = _range_labels(edges)[:n_ranges]
    known, code, counts = _levels(array[codes], numeric)
    pooled = (counts < rare) & (not numeric)
    number = n_ranges + np.where(pooled, int((~pooled).sum()), np.cumsum(~pooled) - 1)
    places = dict(zip(known, number.tolist(), strict=True))
    place[codes] = number[code]
    labels += [
        f"special {value:g}" if numeric else f"category {value}"
        for value, alone in zip(known, ~pooled, strict=True)
        if alone
    ]
    if pooled.any():
        labels.append("other")
    missing = len(labels) if gone.any() else None
    if missing is not None:
        place[gone] = missing
        labels.append("missing")
    bins = _weigh(feature, labels, place, outcome, zero_cells)
    return Binning(feature, numeric, n_ranges, edges, places, missing, bins)


def informative(
    binnings: Sequence[Binning], least: float = LEAST_INFORMATION
) -> tuple[Binning, ...]:
    """Return the binnings whose information value is at least `least`, in their order."""
    return tuple(binning for binning in binnings if binning.information_value >= least)


def fit_scorecard(
    binnings: Sequence[Binning],
    columns: Columns,
    defaulted: ArrayLike,
    scaling: Scaling | None = None,
) -> Scorecard:
    """Return the logistic regression of default on the weights of evidence.

    Loans in the same bins are pooled before the fit, so the order of rows has no effect.

    Args:
        binnings: Fitted on the training slice, one per feature.
        columns: Values of every feature on the training slice, each of shape (n,).
        defaulted: Outcomes, shape (n,).
        scaling: Scale of the points.

    Raises:
        ValueError: If there is no feature, a feature is absent or has one weight only, one feature
            repeats another, only one outcome is present, or the features separate the outcomes.

    """
    outcome = as_two_classes(defaulted)
    if not binnings:
        raise ValueError("The scorecard has no feature.")
    places = [binning.place(_column(columns, binning.feature)) for binning in binnings]
    for binning, place in zip(binnings, places, strict=True):
        if place.size != outcome.size:
            raise ValueError(
                f"{binning.feature} has {place.size} values for {outcome.size} outcomes."
            )
    first, cell = _pool(places, [len(binning.bins) for binning in binnings])
    counts = np.bincount(cell)
    bad = np.bincount(cell, weights=outcome)
    weights = np.column_stack(
        [binning.weights[place[first]] for binning, place in zip(binnings, places, strict=True)]
    )
    features = [binning.feature for binning in binnings]
    _check_rank(features, weights)
    regressors = np.column_stack([np.ones(counts.size), weights])
    fit = logistic_fit(bad / counts, regressors, ["constant", *features], counts=counts)
    return Scorecard(
        tuple(binnings),
        float(fit.coefficients[0]),
        fit.coefficients[1:],
        fit.std_errors[1:],
        scaling or Scaling(),
    )


def _read(feature: str, values: ArrayLike, n: int | None) -> tuple[NDArray[Any], bool]:
    """Return values as doubles, or as text with None, and whether they are numbers."""
    array = np.asarray(values)
    if array.ndim != 1 or (n is not None and array.size != n):
        raise ValueError(f"{feature} has shape {array.shape}; expected ({n},).")
    if array.dtype == object and all(isinstance(v, int | float | None) for v in array.tolist()):
        array = array.astype(np.float64)
    if array.dtype.kind in "buif":
        array = array.astype(np.float64)
        infinite = np.isinf(array)
        if infinite.any():
            raise ValueError(
                f"{feature} is {first_of(array, infinite)}; expected a finite or missing value."
            )
        return array, True
    text = np.array([_text(value) for value in array.tolist()], dtype=object)
    return text, False


def _text(value: Any) -> str | None:
    return None if value is None or value != value else str(value)


def _missing(array: NDArray[Any], numeric: bool) -> NDArray[np.bool_]:
    if numeric:
        return np.isnan(array)
    return np.array([value is None for value in array], dtype=bool)


def _place(binning: Binning, values: ArrayLike) -> Counts:
    array, numeric = _read(binning.feature, values, None)
    name = binning.feature
    if numeric != binning.numeric and not _missing(array, numeric).all():
        found, expected = ("numbers", "text") if numeric else ("text", "numbers")
        raise ValueError(f"{name} has {found}; the fit had {expected}.")
    gone = _missing(array, numeric)
    place = np.full(array.size, -1, dtype=np.int64)
    if gone.any():
        if binning.missing is None:
            raise ValueError(
                f"{name} is missing in row {int(np.flatnonzero(gone)[0])}; the fit had no missing "
                "value, so there is no bin for it."
            )
        place[gone] = binning.missing
    if numeric:
        for value, number in binning.places.items():
            place[array == value] = number
    elif binning.places:
        codes = _codes(list(binning.places), array)
        known = codes >= 0
        place[known] = np.array(list(binning.places.values()))[codes[known]]
    rest = ~gone & (place < 0)
    if rest.any() and binning.n_ranges == 0:
        kinds = "special values" if binning.numeric else "categories"
        known = ", ".join(str(value) for value in list(binning.places)[:10])
        raise ValueError(
            f"{name} is {first_of(array, rest)}, which the fit did not contain. Its {kinds} are: "
            f"{known}."
        )
    if rest.any():
        place[rest] = np.searchsorted(binning.edges, array[rest], side="left")
    return place


def _levels(array: NDArray[Any], numeric: bool) -> tuple[list[Any], Counts, Counts]:
    """Return the distinct values in order, the place of each value among them, and the counts."""
    import pandas as pd

    levels = sorted(pd.unique(array).tolist())
    codes = np.searchsorted(levels, array) if numeric else _codes(levels, array)
    return levels, codes, np.bincount(codes, minlength=len(levels))


def _codes(levels: Sequence[str], array: NDArray[Any]) -> Counts:
    """Return the place of each text among distinct levels, -1 if it is none of them."""
    import pandas as pd

    return pd.Index(levels, dtype=object).get_indexer(pd.Index(array, dtype=object))


def _column(columns: Columns, feature: str) -> ArrayLike:
    if feature not in columns:
        raise ValueError(f"Feature {feature} is absent; there are: {', '.join(columns)}.")
    return columns[feature]


def _weights(binnings: Sequence[Binning], columns: Columns) -> Matrix:
    return np.column_stack(
        [binning.transform(_column(columns, binning.feature)) for binning in binnings]
    )


def _pool(places: Sequence[Counts], sizes: Sequence[int]) -> tuple[Counts, Counts]:
    """Pool loans that are in the same bin of every feature, in an order of the bins.

    The bins of several features are the digits of one 63-bit word, so few words are sorted.

    Args:
        places: Bin of each loan, one array of shape (n,) per feature.
        sizes: Number of bins of each feature.

    Returns:
        A loan of each group, shape (g,), and the group of each loan, shape (n,).

    """
    words, room = [np.zeros(places[0].size, dtype=np.int64)], 2**63
    for place, size in zip(places, sizes, strict=True):
        room //= size
        if room == 0:
            words.append(np.zeros(place.size, dtype=np.int64))
            room = 2**63 // size
        words[-1] = words[-1] * size + place
    order = np.lexsort(words)
    new = np.ones(order.size, dtype=bool)
    new[1:] = np.any([word[order][1:] != word[order][:-1] for word in words], axis=0)
    group = np.empty(order.size, dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    return order[new], group


def _check_rank(features: Sequence[str], weights: Matrix) -> None:
    """Refuse a feature with one weight, and features that are combinations of each other."""
    for feature, weight in zip(features, weights.T, strict=True):
        if np.ptp(weight) == 0:
            raise ValueError(
                f"All loans have the same weight of evidence of {feature}. Remove it "
                "(see informative)."
            )
    values, vectors = np.linalg.eigh(np.atleast_2d(np.corrcoef(weights, rowvar=False)))
    if values[0] < SINGULAR:
        names = [
            feature
            for feature, part in zip(features, vectors[:, 0], strict=True)
            if abs(part) > PART
        ]
        raise ValueError(f"The features {', '.join(names)} repeat each other. Remove one.")


def _range_labels(edges: Vector) -> list[str]:
    marks = ["-inf", *(f"{edge:.12g}" for edge in edges), "inf"]
    return [
        f"({low}, {high}]" if high != "inf" else f"({low}, inf)" for low, high in pairwise(marks)
    ]


def _merge(edges: Vector, values: Vector, outcome: NDArray[np.bool_], trend: str) -> Vector:
    """Return the edges that remain after neighbouring bins merged to a monotone default rate."""
    from scipy.optimize import isotonic_regression

    if trend not in ("increasing", "decreasing", "either"):
        raise ValueError(
            f"The trend is {trend!r}; expected none, increasing, decreasing or either."
        )
    place = np.searchsorted(edges, values, side="left")
    counts = np.bincount(place, minlength=edges.size + 1)
    bad = np.bincount(place, weights=outcome, minlength=edges.size + 1)
    kept = {}
    for direction in ("increasing", "decreasing") if trend == "either" else (trend,):
        increasing = direction == "increasing"
        fit = isotonic_regression(bad / counts, weights=counts, increasing=increasing)
        kept[direction] = edges[np.sort(fit.blocks)[1:-1] - 1]
    return max(kept.values(), key=lambda inner: _spread(inner, values, outcome))


def _spread(edges: Vector, values: Vector, outcome: NDArray[np.bool_]) -> float:
    """Return the variance of the default rate between bins, times the number of loans."""
    place = np.searchsorted(edges, values, side="left")
    counts = np.bincount(place)
    rates = np.bincount(place, weights=outcome) / counts
    return float(np.sum(counts * (rates - outcome.mean()) ** 2))


def _weigh(
    feature: str,
    labels: Sequence[str],
    place: Counts,
    outcome: NDArray[np.bool_],
    zero_cells: str,
) -> tuple[Bin, ...]:
    """Return the bins with their weights of evidence."""
    if zero_cells not in ("half", "error"):
        raise ValueError(f"The rule for zero cells is {zero_cells!r}; expected half or error.")
    total_bad = int(as_defaulted(outcome).sum())
    total_good = outcome.size - total_bad
    bins = []
    for number, label in enumerate(labels):
        inside = place == number
        n, bad = int(inside.sum()), int(outcome[inside].sum())
        add = 0.0
        if bad in (0, n):
            if zero_cells == "error":
                raise ValueError(
                    f"Bin {label} of {feature} has {bad} defaulted and {n - bad} paid loans; its "
                    "weight of evidence is infinite. Use fewer bins or the rule half."
                )
            add = HALF
        good_share, bad_share = (n - bad + add) / total_good, (bad + add) / total_bad
        weight = log(good_share / bad_share)
        bins.append(Bin(label, n, bad, weight, (good_share - bad_share) * weight))
    return tuple(bins)

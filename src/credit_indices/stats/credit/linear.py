"""Models whose margin is a sum over features: scorecard and logistic regression.

The place of a value (a bin or a category) determines its contribution, so a model is one table of
contributions per feature. The contribution of a feature is its coefficient times the distance from
the mean of the training sample, summed over the columns made from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import Counts, Flags, Matrix, Vector
from credit_indices.stats.credit.calibration import quantile_edges
from credit_indices.stats.credit.features import Columns, Domain, read
from credit_indices.stats.credit.model import Model
from credit_indices.stats.credit.regression import LogisticFit, logistic_fit
from credit_indices.stats.credit.scorecard import (
    LEAST_INFORMATION,
    Scorecard,
    fit_bins,
    fit_scorecard,
    informative,
)

FEWEST_LOANS = 50
"""Categories with fewer loans are pooled. The error of a rate depends on the number of loans, not
on their share: a least share of 5 % (Siddiqi 2006, chapter 6) would pool all of 31 provinces."""

COLLINEAR = 0.01
"""A column is left out if the columns before it explain all but this share of its variance (a
variance inflation factor of 100). Two such columns would have large coefficients of opposite
signs, and contributions that cancel."""

RANK_BINS = 1000
"""Percentile ranks are exact to 1/1000, and the model contains no more values than that."""

CONSTANT = 1e-12
"""Ranks, indicators and weights with a smaller standard deviation have one value."""

REPEATS = "one value, or a combination of the features before it"


class Placed(Protocol):
    """Something that gives values their places."""

    def place(self, values: ArrayLike) -> Counts:
        """Return the place of each value, shape (n,)."""


@dataclass(frozen=True)
class Table:
    """Contributions of one feature.

    Attributes:
        places: Gives each value its place.
        contributions: Contribution to the margin of each place.

    """

    places: Placed
    contributions: Vector

    def of(self, values: ArrayLike) -> Vector:
        """Return the contribution of each value, shape (n,)."""
        return self.contributions[self.places.place(values)]


@dataclass(frozen=True)
class LinearModel(Model):
    """A sum of tables.

    Attributes:
        tables: By feature, without features that were left out.
        intercept: Margin of the average loan of the training sample.
        shares: Share of each feature in the sum of mean |contribution| over the training sample.

    """

    tables: Mapping[str, Table]
    intercept: float
    shares: Mapping[str, float]

    @property
    def base(self) -> float:
        """Margin of the average loan of the training sample."""
        return self.intercept

    def uses(self, name: str) -> bool:
        """Return whether the feature was kept."""
        return name in self.tables

    def gain_shares(self) -> dict[str, float]:
        """Return the share of each feature in the mean |contribution| over the training sample."""
        return dict(self.shares)

    def _margin(self, columns: Columns) -> Vector:
        total = self.intercept
        for name, table in self.tables.items():
            total = total + table.of(columns[name])
        return total

    def _contributions(self, columns: Columns) -> Matrix:
        n = len(next(iter(columns.values())))
        result = np.zeros((n, len(self.domains)))
        for position, feature in enumerate(self.features):
            if feature.name in self.tables:
                result[:, position] = self.tables[feature.name].of(columns[feature.name])
        return result


@dataclass(frozen=True)
class ScorecardModel(LinearModel):
    """A scorecard.

    Attributes:
        card: Bins, coefficients and points.

    """

    card: Scorecard


@dataclass(frozen=True)
class LogisticModel(LinearModel):
    """A logistic regression.

    Attributes:
        names: Names of the coefficients; the first is the constant.
        regression: Coefficients and standard errors, in the order of the names.

    """

    names: tuple[str, ...]
    regression: LogisticFit


@dataclass(frozen=True)
class Design:
    """Regressors made from one feature.

    Attributes:
        domain: The feature in the training sample.
        edges: Inner edges of the rank bins of a number; a bin contains its upper edge.
        names: Names of the regressors, k of them.
        values: Regressors of each place, shape (places, k). The last place is a missing value.

    """

    domain: Domain
    edges: Vector
    names: tuple[str, ...]
    values: Matrix

    def place(self, values: ArrayLike) -> Counts:
        """Return the place of each value, shape (n,)."""
        if self.domain.feature.kind == "category":
            return self.domain.codes(values)
        numbers, gone = read(self.domain.feature, values)
        return np.where(gone, self.edges.size + 1, np.searchsorted(self.edges, numbers))


def fit_scorecard_model(
    domains: Sequence[Domain], columns: Columns, defaulted: Flags
) -> ScorecardModel:
    """Return a scorecard of the informative features.

    Features are left out if their information value is small (`LEAST_INFORMATION`), if the weights
    of the features before them repeat theirs, or if the other features reverse their trend: the
    regression would undo what the bins were merged for.

    Args:
        domains: What the training sample contains, one per feature.
        columns: Values of every feature, each of shape (n,).
        defaulted: Outcomes, both present, shape (n,).

    Raises:
        ValueError: If no feature remains, or one separates the outcomes.

    """
    outcome = np.asarray(defaulted)
    trends = {each.feature.name: each.feature.trend for each in domains}
    binnings = [
        fit_bins(name, columns[name], outcome, trend=trend, rare=FEWEST_LOANS)
        for name, trend in trends.items()
    ]
    left_out = {
        each.feature: f"information value {each.information_value:.3f}, below {LEAST_INFORMATION}"
        for each in binnings
    }
    kept = list(informative(binnings))
    if kept:
        weights = np.column_stack([each.transform(columns[each.feature]) for each in kept])
        left_out |= {each.feature: REPEATS for each in kept}
        kept = [kept[position] for position in independent(weights)]
        del weights
    while kept:
        card = fit_scorecard(kept, columns, outcome)
        signs = {
            each.feature: float(coefficient)
            for each, coefficient in zip(kept, card.coefficients, strict=True)
            if trends[each.feature] != "none" and coefficient > 0
        }
        if not signs:
            break
        reversed_first = max(signs, key=signs.__getitem__)
        left_out[reversed_first] = f"the other features reverse its trend {trends[reversed_first]}"
        kept = [each for each in kept if each.feature != reversed_first]
    _check_any(kept, left_out)
    tables, intercept = {}, card.intercept
    for each, coefficient in zip(kept, card.coefficients, strict=True):
        counts = np.array([part.n for part in each.bins])
        mean = counts @ each.weights / outcome.size
        tables[each.feature] = Table(each, coefficient * (each.weights - mean))
        intercept += coefficient * mean
        del left_out[each.feature]
    return ScorecardModel(
        "scorecard",
        tuple(domains),
        left_out,
        tables,
        float(intercept),
        _shares(domains, tables, columns),
        card,
    )


def fit_logistic_model(
    domains: Sequence[Domain], columns: Columns, defaulted: Flags
) -> LogisticModel:
    """Return a logistic regression on percentile ranks and categories.

    A number enters as its mid-distribution percentile rank in the training sample, so the fit is
    invariant to monotone transformations and robust to outliers. A missing number has the mean rank
    1/2 and an indicator. A category has an indicator, except for the most frequent. Categories of
    fewer than `FEWEST_LOANS` loans share one; an indicator of fewer loans is left out.

    Args:
        domains: What the training sample contains, one per feature.
        columns: Values of every feature, each of shape (n,).
        defaulted: Outcomes, both present, shape (n,).

    Raises:
        ValueError: If no regressor remains, or one separates the outcomes.

    """
    outcome = np.asarray(defaulted)
    left_out: dict[str, str] = {}
    designs = [_design(each, columns[each.feature.name], outcome, left_out) for each in domains]
    names = [name for each in designs for name in each.names]
    regressors = np.ones((outcome.size, 1 + len(names)), order="F")
    position = 1
    for each in designs:
        place = each.place(columns[each.domain.feature.name])
        for values in each.values.T:
            regressors[:, position] = values[place]
            position += 1
    kept = independent(regressors[:, 1:])
    left_out |= {name: REPEATS for position, name in enumerate(names) if position not in kept}
    _check_any(kept, left_out)
    selected = [0, *(1 + position for position in kept)]
    if len(kept) < len(names):
        regressors = regressors[:, selected]
    kept_names = ("constant", *(names[position] for position in kept))
    fit = logistic_fit(outcome, regressors, kept_names)
    slopes, means = np.zeros(1 + len(names)), np.zeros(1 + len(names))
    slopes[selected], means[selected] = fit.coefficients, regressors.mean(axis=0)
    tables, first = {}, 1
    for each in designs:
        own = slice(first, first + len(each.names))
        if slopes[own].any():
            contributions = (each.values - means[own]) @ slopes[own]
            tables[each.domain.feature.name] = Table(each, contributions)
        first = own.stop
    return LogisticModel(
        "logistic_regression",
        tuple(domains),
        left_out,
        tables,
        float(slopes @ means),
        _shares(domains, tables, columns),
        kept_names,
        fit,
    )


def independent(regressors: Matrix) -> list[int]:
    """Return the columns that the columns before them do not explain (see `COLLINEAR`).

    This is Gaussian elimination of the correlation matrix: its pivots are the unexplained shares
    of variance. A constant column is explained.

    Args:
        regressors: Shape (n, k).

    """
    covariance = np.atleast_2d(np.cov(regressors, rowvar=False))
    spread = np.sqrt(np.diag(covariance))
    spread[spread < CONSTANT] = np.inf
    rest = covariance / np.outer(spread, spread)
    kept = []
    for position in range(len(rest)):
        pivot = rest[position, position]
        if pivot > COLLINEAR:
            kept.append(position)
            rest = rest - np.outer(rest[:, position], rest[position]) / pivot
    return kept


def _design(each: Domain, values: ArrayLike, outcome: Flags, left_out: dict[str, str]) -> Design:
    if each.feature.kind == "number":
        return _rank_design(each, values, outcome, left_out)
    return _category_design(each, values, outcome, left_out)


def _rank_design(
    each: Domain, values: ArrayLike, outcome: Flags, left_out: dict[str, str]
) -> Design:
    name = each.feature.name
    numbers, gone = read(each.feature, values)
    known = numbers[~gone]
    edges = quantile_edges(known, RANK_BINS)
    counts = np.bincount(np.searchsorted(edges, known), minlength=edges.size + 1)
    ranks = (np.cumsum(counts) - counts / 2) / known.size
    names, regressors = [name], [np.append(ranks, 0.5)]
    if gone.any():
        indicator = f"{name} is missing"
        reason = _unusable(gone.sum(), outcome[gone].sum())
        if reason:
            left_out[indicator] = reason
        else:
            names.append(indicator)
            regressors.append(np.append(np.zeros(ranks.size), 1.0))
    return Design(each, edges, tuple(names), np.column_stack(regressors))


def _category_design(
    each: Domain, values: ArrayLike, outcome: Flags, left_out: dict[str, str]
) -> Design:
    """Return indicators of the levels: usable categories, then the others together."""
    name, labels = each.feature.name, [*each.categories, None]
    place = each.codes(values)
    counts = np.bincount(place, minlength=len(labels))
    bad = np.bincount(place, weights=outcome, minlength=len(labels))
    base = int(np.argmax(counts))
    pooled = np.array([bool(_unusable(n, m)) for n, m in zip(counts, bad, strict=True)])
    pooled[base] = False
    names, regressors = [], []
    for code in np.flatnonzero(~pooled & (np.arange(counts.size) != base)):
        label = labels[code]
        names.append(f"{name} is missing" if label is None else f"{name} is {label!r}")
        regressors.append(np.arange(counts.size) == code)
    if counts[pooled].sum():
        others = f"{name} is another category"
        reason = _unusable(counts[pooled].sum(), bad[pooled].sum())
        if reason:
            left_out[others] = reason
        else:
            names.append(others)
            regressors.append(pooled)
    values_of_places = np.array(regressors, dtype=np.float64).reshape(len(names), counts.size).T
    return Design(each, np.array([]), tuple(names), values_of_places)


def _unusable(n: int, n_defaulted: int) -> str | None:
    """Return why an indicator of n loans has no reliable coefficient, else None."""
    if n < FEWEST_LOANS:
        return f"{n:.0f} loans; an indicator needs at least {FEWEST_LOANS}"
    if n_defaulted in (0, n):
        outcome = "defaulted" if n_defaulted else "were paid"
        return f"all its {n:.0f} loans {outcome}, so its coefficient would be infinite"
    return None


def _check_any(kept: Sequence[object], left_out: Mapping[str, str]) -> None:
    if not kept:
        listed = "; ".join(f"{name} ({reason})" for name, reason in left_out.items())
        raise ValueError(f"No feature remains for the model. Left out: {listed}.")


def _shares(
    domains: Sequence[Domain], tables: Mapping[str, Table], columns: Columns
) -> dict[str, float]:
    """Return the shares of the features in the mean |contribution|, 0 for those left out."""
    names = [each.feature.name for each in domains]
    means = {
        name: float(np.abs(tables[name].of(columns[name])).mean()) if name in tables else 0.0
        for name in names
    }
    total = sum(means.values())
    return {name: mean / total for name, mean in means.items()}

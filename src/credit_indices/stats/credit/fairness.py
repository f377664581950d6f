"""Errors of a model by group of loans, such as region or size of the enterprise.

Equalised odds compare the rates of refusal among defaulted and among paid loans (Hardt, Price &
Srebro 2016, Advances in Neural Information Processing Systems 29). Calibration within groups
compares the mean probability with the default rate (Kleinberg, Mullainathan & Raghavan 2017, who
prove that groups with different default rates cannot have both, unless the model is perfect).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from credit_indices.stats.credit.arrays import (
    Counts,
    Flags,
    Vector,
    as_defaulted,
    as_probabilities,
)
from credit_indices.stats.credit.bootstrap import (
    Ranking,
    Totals,
    cluster_codes,
    draw,
    percentiles,
)

SMALLEST = 5
"""A group with fewer loans of an outcome is suppressed."""

COMPARED = (
    "auc",
    "calibration_error",
    "approval_rate",
    "true_positive_rate",
    "false_positive_rate",
)
"""Metrics that have a gap."""

RATES = ("default_rate", "mean_probability", *COMPARED)

METRICS = ("n_loans", "n_defaults", *RATES)


@dataclass(frozen=True)
class GroupMetric:
    """A metric of one group.

    Attributes:
        group: Name of the group.
        metric: n_loans, n_defaults, default_rate, mean_probability, calibration_error
            (mean probability minus default rate), auc, approval_rate, true_positive_rate (share
            of the defaulted loans that is refused) or false_positive_rate (of the paid loans).
        is_suppressed: Whether the group is too small to be published.
        value: None if suppressed.
        bootstrap_low: Lower end of the percentile bootstrap by enterprise; None if suppressed,
            and for counts.
        bootstrap_high: Upper end.

    """

    group: str
    metric: str
    is_suppressed: bool
    value: float | None
    bootstrap_low: float | None
    bootstrap_high: float | None


@dataclass(frozen=True)
class Gap:
    """The largest difference of a metric between two groups that are not suppressed.

    Attributes:
        metric: One of `COMPARED`.
        highest: Group with the largest value.
        lowest: Group with the smallest value.
        value: Difference of the two values.
        bootstrap_low: Lower end of the interval of the difference between these two groups. The
            pair was chosen because it differs most, so an interval without 0 is no test: among
            many equal groups, some pair has one.
        bootstrap_high: Upper end.

    """

    metric: str
    highest: str
    lowest: str
    value: float
    bootstrap_low: float | None
    bootstrap_high: float | None


@dataclass(frozen=True)
class Fairness:
    """Metrics by group, and their largest gaps (none if fewer than two groups are shown)."""

    groups: list[GroupMetric]
    gaps: list[Gap]


def by_group(
    defaulted: ArrayLike,
    probability: ArrayLike,
    groups: ArrayLike,
    clusters: ArrayLike,
    threshold: float,
    *,
    draws: int,
    seed: int,
    level: float = 0.95,
    smallest: int = SMALLEST,
) -> Fairness:
    """Return metrics by group, ordered by the group's name, and the largest gaps.

    A group is suppressed if it has fewer than `smallest` defaulted or paid loans. Further groups
    are, from the smallest, until the suppressed loans and those without a group have so many of
    both outcomes together: their values follow from those of all loans. A single group that is
    suppressed is not even named.

    Args:
        defaulted: Outcomes, shape (n,).
        probability: Probabilities of default, shape (n,).
        groups: Name of the group of each loan, None without one, shape (n,).
        clusters: Integer code of the enterprise of each loan, -1 without one, shape (n,).
        threshold: A loan with a higher probability is refused.
        draws: Number of bootstrap draws, the same enterprises for all groups.
        seed: Seed of the draws.
        level: Coverage of the intervals.
        smallest: Fewest loans of either outcome of a group that is shown, at least 1.

    Raises:
        ValueError: If a probability or the threshold is not between 0 and 1, `smallest` is below 1,
            no loan has a group, or a cluster is not an integer of at least -1.

    """
    outcome = as_defaulted(defaulted)
    n = outcome.size
    p = as_probabilities(probability, n)
    if not 0 <= threshold <= 1:
        raise ValueError(f"The threshold is {threshold}; expected 0 to 1.")
    if smallest < 1:
        raise ValueError(f"smallest is {smallest}; expected at least 1.")
    names, place = _named(groups, n)
    if not names.size:
        raise ValueError("No loan has a group.")
    codes = cluster_codes(clusters, n)
    hidden = _suppressed(outcome, place, smallest)
    shown = np.flatnonzero(~hidden)
    refused = p > threshold
    columns = {
        "loans": np.ones(n),
        "bad": outcome,
        "probability": p,
        "refused": refused,
        "refused_bad": refused & outcome,
    }
    members = [np.flatnonzero(place == k) for k in shown]
    totals = [
        Totals(codes[rows], {name: column[rows] for name, column in columns.items()})
        for rows in members
    ]
    rankings = [Ranking(codes[rows], outcome[rows], p[rows]) for rows in members]
    drawn = draw(codes, totals, rankings, draws=draws, seed=seed)
    once = np.ones((int(codes.max()) + 1, 1))
    values, in_draws = {}, {}
    for position, k in enumerate(shown):
        name = str(names[k])
        sums = dict(zip(columns, totals[position].of(once)[0], strict=True))
        counts = {"n_loans": sums["loans"], "n_defaults": sums["bad"]}
        values[name] = counts | _rates(sums, rankings[position].auc_and_ks(once)[0][0])
        with np.errstate(invalid="ignore", divide="ignore"):
            in_draws[name] = _rates(drawn.sums[position], drawn.aucs[position])
    found = []
    for k, name in enumerate(names.tolist()):
        if hidden[k]:
            if hidden.size > 1:
                found += [GroupMetric(name, each, True, None, None, None) for each in METRICS]
            continue
        for each in METRICS:
            low, high = _interval(in_draws[name][each], level) if each in RATES else (None, None)
            found.append(GroupMetric(name, each, False, float(values[name][each]), low, high))
    return Fairness(found, _gaps(values, in_draws, level))


def _rates(sums: dict[str, Vector], auc: Vector | float) -> dict[str, Vector]:
    loans, bad = sums["loans"], sums["bad"]
    return {
        "default_rate": bad / loans,
        "mean_probability": sums["probability"] / loans,
        "auc": auc,
        "calibration_error": (sums["probability"] - bad) / loans,
        "approval_rate": 1 - sums["refused"] / loans,
        "true_positive_rate": sums["refused_bad"] / bad,
        "false_positive_rate": (sums["refused"] - sums["refused_bad"]) / (loans - bad),
    }


def _gaps(
    values: dict[str, dict[str, float]], in_draws: dict[str, dict[str, Vector]], level: float
) -> list[Gap]:
    if len(values) < 2:
        return []
    gaps = []
    for metric in COMPARED:
        ordered = sorted(values, key=lambda name: values[name][metric])
        lowest, highest = ordered[0], ordered[-1]
        low, high = _interval(in_draws[highest][metric] - in_draws[lowest][metric], level)
        gap = float(values[highest][metric] - values[lowest][metric])
        gaps.append(Gap(metric, highest, lowest, gap, low, high))
    return gaps


def _suppressed(outcome: Flags, place: Counts, smallest: int) -> Flags:
    """Return which groups are suppressed, shape (number of groups,).

    Loans without a group (place -1) are never shown. The loans that are not shown follow from the
    values of all loans, so there are none of them, or enough of either outcome.
    """
    grouped = place >= 0
    bad = np.bincount(place[grouped], weights=outcome[grouped])
    fewest = np.minimum(bad, np.bincount(place[grouped]) - bad)
    hidden = fewest < smallest
    while not hidden.all():
        unseen = outcome[~grouped | hidden[place]]
        n_bad = int(unseen.sum())
        if not unseen.size or min(n_bad, unseen.size - n_bad) >= smallest:
            break
        hidden[np.argmin(np.where(hidden, np.inf, fewest))] = True
    return hidden


def _named(groups: ArrayLike, n: int) -> tuple[NDArray[np.str_], Counts]:
    """Return the names of the groups, and the place of each loan among them (-1 without one)."""
    array = np.asarray(groups, dtype=object)
    if array.shape != (n,):
        raise ValueError(f"The groups have shape {array.shape}; expected ({n},).")
    named = np.array([each is not None and each == each for each in array.tolist()], dtype=bool)
    place = np.full(n, -1)
    names, place[named] = np.unique(array[named].astype(np.str_), return_inverse=True)
    return names, place


def _interval(values: Vector, level: float) -> tuple[float | None, float | None]:
    low, high = percentiles(values, level)
    return (None, None) if isnan(low) else (low, high)

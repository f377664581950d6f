"""Metrics of a model of credit risk on a sample that its training did not use, with intervals.

Every metric has up to two intervals. `ci` is analytic and treats loans as independent. `bootstrap`
draws enterprises, so loans of one enterprise may depend on each other; it is the one to quote where
enterprises have several loans.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import (
    Flags,
    Vector,
    as_probabilities,
    as_two_classes,
    estimate,
    two_sided_quantile,
)
from credit_indices.stats.credit.bootstrap import (
    Ranking,
    Totals,
    cluster_codes,
    draw,
    percentiles,
)
from credit_indices.stats.credit.calibration import recalibration
from credit_indices.stats.credit.discrimination import (
    accuracy,
    auc_difference,
    auc_interval,
    kolmogorov_smirnov,
)
from credit_indices.stats.credit.regression import expit

PREDICTED = 0.5
"""Accuracy counts a loan as predicted to default from this probability on."""

CALIBRATION = ("calibration_slope", "calibration_intercept", "calibration_in_the_large")

Interval = tuple[float, float]

ABSENT: Interval = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Metric:
    """A metric of one model, or a difference between two, on one sample.

    Attributes:
        metric: Name.
        value: None if the metric does not exist on this sample; `note` has the reason.
        ci_low: Lower end of the analytic interval; None if there is none.
        ci_high: Upper end.
        bootstrap_low: Lower end of the percentile bootstrap by enterprise; None if there is none.
        bootstrap_high: Upper end.
        note: Reason for the absence of the value, else empty.

    """

    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    bootstrap_low: float | None
    bootstrap_high: float | None
    note: str = ""


def evaluate(
    defaulted: ArrayLike,
    probability: ArrayLike,
    clusters: ArrayLike,
    *,
    draws: int,
    seed: int,
    level: float = 0.95,
) -> list[Metric]:
    """Return the metrics of a model on one sample.

    | metric | analytic interval |
    |---|---|
    | accuracy: share of loans whose outcome is predicted at a probability of 0.5 | Wilson (1927) |
    | majority: accuracy of the constant prediction of the more frequent outcome | Wilson |
    | accuracy_gain: accuracy minus majority | normal, of the paired differences |
    | auc | DeLong et al. (1988) |
    | ks: largest distance of the two distribution functions | none |
    | brier: mean squared difference of probability and outcome | normal |
    | calibration_slope, calibration_intercept, calibration_in_the_large (`Recalibration`) | Wald |

    A draw of the calibration is one Newton step from the estimate of the sample (Moulton & Zeger
    1991, Computational Statistics & Data Analysis 11, 53-63): it differs from a refit by a term of
    order 1/n, against a spread of order 1/sqrt(n), and it needs sums only. The KS statistic is a
    maximum, so its draws, and its interval, lie above the value of the sample on average.

    Args:
        defaulted: Outcomes, shape (n,).
        probability: Probabilities of default, shape (n,).
        clusters: Integer code of the enterprise of each loan, -1 without one, shape (n,).
        draws: Number of bootstrap draws.
        seed: Seed of the draws.
        level: Coverage of the intervals.

    Raises:
        ValueError: If an outcome has fewer than two loans, a probability is not between 0 and 1, or
            a cluster is not an integer of at least -1.

    """
    outcome = as_two_classes(defaulted)
    n = outcome.size
    p = as_probabilities(probability, n)
    codes = cluster_codes(clusters, n)
    correct, squares = (p >= PREDICTED) == outcome, (p - outcome) ** 2
    shares = accuracy(outcome, p, PREDICTED)
    gains = correct.astype(np.float64) - (outcome == (outcome.mean() > 0.5))
    area = auc_interval(outcome, p, level)
    analytic = {
        "accuracy": (shares.accuracy, wilson(shares.accuracy, n, level)),
        "majority": (shares.majority, wilson(shares.majority, n, level)),
        "accuracy_gain": (float(gains.mean()), _mean_interval(gains, level)),
        "auc": (area.value, (area.low, area.high)),
        "ks": (kolmogorov_smirnov(outcome, p).statistic, ABSENT),
        "brier": (float(squares.mean()), _mean_interval(squares, level)),
    }
    calibration, note = _calibration(outcome, p, level)
    columns = {"loans": np.ones(n), "bad": outcome, "correct": correct, "squares": squares}
    estimates = [value for value, _ in calibration.values()]
    if calibration:
        columns |= _scores(outcome, p, *estimates)
    drawn = draw(
        codes, [Totals(codes, columns)], [Ranking(codes, outcome, p)], draws=draws, seed=seed
    )
    sums = drawn.sums[0]
    bad_share = sums["bad"] / sums["loans"]
    correct_share, majority = sums["correct"] / sums["loans"], np.maximum(bad_share, 1 - bad_share)
    values = {
        "accuracy": correct_share,
        "majority": majority,
        "accuracy_gain": correct_share - majority,
        "auc": drawn.aucs[0],
        "ks": drawn.distances[0],
        "brier": sums["squares"] / sums["loans"],
    }
    if calibration:
        values |= dict(zip(CALIBRATION, _newton_step(sums, *estimates), strict=True))
    metrics = [
        _metric(name, value, interval, percentiles(values[name], level))
        for name, (value, interval) in (analytic | calibration).items()
    ]
    if not calibration:
        metrics += [Metric(name, None, None, None, None, None, note) for name in CALIBRATION]
    return metrics


def compare(
    defaulted: ArrayLike,
    with_alternative: ArrayLike,
    bank_only: ArrayLike,
    clusters: ArrayLike,
    *,
    draws: int,
    seed: int,
    level: float = 0.95,
) -> list[Metric]:
    """Return the differences between two models on the same loans: first minus second.

    | metric | analytic interval |
    |---|---|
    | auc_difference | DeLong's paired one |
    | accuracy_difference, at a probability of 0.5 | normal, of the paired differences |
    | brier_difference; below 0 if the first model is better | normal, of the paired differences |

    The bootstrap draws the same enterprises for both models.

    Args:
        defaulted: Outcomes, shape (n,).
        with_alternative: Probabilities of the model with all features, shape (n,).
        bank_only: Probabilities of the model with the features of the bank only, shape (n,).
        clusters: Integer code of the enterprise of each loan, -1 without one, shape (n,).
        draws: Number of bootstrap draws.
        seed: Seed of the draws.
        level: Coverage of the intervals.

    Raises:
        ValueError: As `evaluate`.

    """
    outcome = as_two_classes(defaulted)
    pair = [as_probabilities(each, outcome.size) for each in (with_alternative, bank_only)]
    codes = cluster_codes(clusters, outcome.size)
    correct = [((p >= PREDICTED) == outcome).astype(np.float64) for p in pair]
    squares = [(p - outcome) ** 2 for p in pair]
    gains = {
        "accuracy_difference": correct[0] - correct[1],
        "brier_difference": squares[0] - squares[1],
    }
    drawn = draw(
        codes,
        [Totals(codes, {"loans": np.ones(outcome.size), **gains})],
        [Ranking(codes, outcome, p) for p in pair],
        draws=draws,
        seed=seed,
    )
    area = auc_difference(outcome, *pair, level).difference
    metrics = [
        _metric(
            "auc_difference",
            area.value,
            (area.low, area.high),
            percentiles(drawn.aucs[0] - drawn.aucs[1], level),
        )
    ]
    for name, gain in gains.items():
        in_draws = drawn.sums[0][name] / drawn.sums[0]["loans"]
        metrics.append(
            _metric(
                name,
                float(gain.mean()),
                _mean_interval(gain, level),
                percentiles(in_draws, level),
            )
        )
    return metrics


def wilson(share: float, n: int, level: float) -> Interval:
    """Return Wilson's interval of a share of n independent loans."""
    z = two_sided_quantile(level)
    center = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return center - half, center + half


def _mean_interval(values: Vector, level: float) -> Interval:
    """Return the normal interval of the mean of independent values."""
    found = estimate(values.mean(), values.std(ddof=1) / sqrt(values.size), level)
    return found.low, found.high


def _calibration(
    outcome: Flags, p: Vector, level: float
) -> tuple[dict[str, tuple[float, Interval]], str]:
    """Return the calibration with its Wald intervals, or the reason why there is none."""
    if np.ptp(p) == 0:
        return {}, "All probabilities are equal, so there is no calibration slope."
    if ((p == 0) | (p == 1)).any():
        return {}, "A probability is 0 or 1, so its log odds are infinite. Calibrate the model."
    bad, good = p[outcome], p[~outcome]
    if bad.min() >= good.max() or bad.max() <= good.min():
        return {}, "The model separates defaulted from paid loans, so the slope is infinite."
    try:
        found = recalibration(outcome, p, level)
    except ValueError as reason:  # nearly separated, as training loans of a boosted model are
        return {}, str(reason)
    return {
        name: (each.value, (each.low, each.high))
        for name, each in zip(
            CALIBRATION, (found.slope, found.intercept, found.in_the_large), strict=True
        )
    }, ""


def _scores(
    outcome: Flags, p: Vector, slope: float, intercept: float, in_the_large: float
) -> dict[str, Vector]:
    """Return gradient and information of both logistic likelihoods by loan, at the estimates."""
    x = np.log(p) - np.log1p(-p)
    joint, fixed = expit(intercept + slope * x), expit(in_the_large + x)
    information = joint * (1 - joint)
    return {
        "gradient": outcome - joint,
        "gradient_x": (outcome - joint) * x,
        "information": information,
        "information_x": information * x,
        "information_xx": information * x**2,
        "fixed_gradient": outcome - fixed,
        "fixed_information": fixed * (1 - fixed),
    }


def _newton_step(
    sums: dict[str, Vector], slope: float, intercept: float, in_the_large: float
) -> tuple[Vector, Vector, Vector]:
    """Return slope, intercept and in-the-large of every draw, one Newton step from the sample's."""
    a, b, c = (sums[name] for name in ("information", "information_x", "information_xx"))
    u, v = sums["gradient"], sums["gradient_x"]
    determinant = a * c - b**2
    return (
        slope + (a * v - b * u) / determinant,
        intercept + (c * u - b * v) / determinant,
        in_the_large + sums["fixed_gradient"] / sums["fixed_information"],
    )


def _metric(name: str, value: float, ci: Interval, bootstrap: Interval) -> Metric:
    ends = [None if isnan(end) else float(end) for end in (*ci, *bootstrap)]
    return Metric(name, float(value), *ends)

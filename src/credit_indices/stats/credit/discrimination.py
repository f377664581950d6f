"""Discrimination of scores: AUC with DeLong's variance, Kolmogorov-Smirnov, accuracy.

DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44, 837-845, computed as in Sun & Xu (2014), IEEE
Signal Processing Letters 21, 1389-1393: the placements come from midranks, so a score of n rows
takes one sort and no table of pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import (
    Estimate,
    Matrix,
    Vector,
    as_defaulted,
    as_finite,
    as_probabilities,
    as_two_classes,
    estimate,
)

NO_VARIANCE = 1e-15
"""A smaller variance of an AUC or of a difference is rounding."""


@dataclass(frozen=True)
class Areas:
    """AUCs of k scores of the same rows.

    Attributes:
        areas: Shape (k,), between 0 and 1.
        covariance: DeLong's covariance matrix of the areas, shape (k, k).

    """

    areas: Vector
    covariance: Matrix


@dataclass(frozen=True)
class Difference:
    """AUC of the first score minus AUC of the second, with DeLong's paired test.

    Attributes:
        difference: The difference with its interval.
        statistic: z = difference / standard error.
        p_value: Two-sided, normal. NaN if the variance is zero and the difference is not.

    """

    difference: Estimate
    statistic: float
    p_value: float


@dataclass(frozen=True)
class Separation:
    """Largest distance of the two distribution functions, and the score where it is reached."""

    statistic: float
    threshold: float


@dataclass(frozen=True)
class Accuracy:
    """Shares of correctly classified loans at a threshold.

    Attributes:
        accuracy: Share of all loans.
        majority: Accuracy of the constant prediction of the more frequent outcome.
        sensitivity: Share of the defaulted loans (NaN without any).
        specificity: Share of the paid loans (NaN without any).

    """

    accuracy: float
    majority: float
    sensitivity: float
    specificity: float


def midranks(values: Vector) -> Vector:
    """Return the ranks of values from 1, shape (n,); equal values share their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def auc(defaulted: ArrayLike, score: ArrayLike) -> float:
    """Return the probability that a defaulted loan scores above a paid one; ties count one half.

    Args:
        defaulted: Outcomes, shape (n,).
        score: Any increasing measure of risk, shape (n,).

    Raises:
        ValueError: If only one outcome is present, or a score is NaN or infinite.

    """
    outcome = as_two_classes(defaulted)
    ranks = midranks(as_finite(score, outcome.size, "The score"))
    n_defaulted = int(outcome.sum())
    surplus = ranks[outcome].sum() - n_defaulted * (n_defaulted + 1) / 2
    return float(surplus / (n_defaulted * (outcome.size - n_defaulted)))


def delong(defaulted: ArrayLike, scores: ArrayLike) -> Areas:
    """Return the AUCs of several scores of the same rows and their covariance.

    The placement of a defaulted loan is the share of the paid loans that score below it, and
    reversely; the covariance is the sum of the two covariances of placements over their counts.

    Args:
        defaulted: Outcomes, shape (n,).
        scores: One score per row, shape (k, n).

    Raises:
        ValueError: If an outcome has fewer than two loans, or a score is NaN or infinite.

    """
    outcome = as_two_classes(defaulted)
    n_defaulted = int(outcome.sum())
    n_paid = outcome.size - n_defaulted
    if min(n_defaulted, n_paid) < 2:
        raise ValueError(
            f"There are {n_defaulted} defaulted and {n_paid} paid loans; the variance of an AUC "
            "needs at least two of each."
        )
    of_defaulted, of_paid = [], []
    for row in np.atleast_2d(np.asarray(scores, dtype=np.float64)):
        score = as_finite(row, outcome.size, "The score")
        ranks = midranks(score)
        of_defaulted.append((ranks[outcome] - midranks(score[outcome])) / n_paid)
        of_paid.append(1 - (ranks[~outcome] - midranks(score[~outcome])) / n_defaulted)
    placements = np.array(of_defaulted)
    covariance = np.cov(placements) / n_defaulted + np.cov(np.array(of_paid)) / n_paid
    return Areas(placements.mean(axis=1), np.atleast_2d(covariance))


def auc_interval(defaulted: ArrayLike, score: ArrayLike, level: float = 0.95) -> Estimate:
    """Return the AUC with DeLong's standard error and normal interval, cut at 0 and 1.

    A score that separates the outcomes completely has standard error 0, which says nothing about
    its uncertainty.

    Args:
        defaulted: Outcomes, shape (n,).
        score: Shape (n,).
        level: Coverage of the interval.

    Raises:
        ValueError: As `delong`.

    """
    result = delong(defaulted, [score])
    return estimate(result.areas[0], sqrt(max(result.covariance[0, 0], 0.0)), level, 0.0, 1.0)


def auc_difference(
    defaulted: ArrayLike, first: ArrayLike, second: ArrayLike, level: float = 0.95
) -> Difference:
    """Return AUC(first) - AUC(second) on the same rows, with DeLong's paired test.

    Both scores must come from models that did not see these rows. The test is invalid for nested
    models on their training rows (Demler, Pencina & D'Agostino 2012).

    Args:
        defaulted: Outcomes, shape (n,).
        first: Shape (n,).
        second: Shape (n,).
        level: Coverage of the interval.

    Raises:
        ValueError: As `delong`.

    """
    result = delong(defaulted, [first, second])
    difference = float(result.areas[0] - result.areas[1])
    variance = float(np.array([1, -1]) @ result.covariance @ np.array([1, -1]))
    if variance < NO_VARIANCE:
        same = abs(difference) < NO_VARIANCE
        return Difference(
            estimate(difference, 0.0, level),
            0.0 if same else float(np.copysign(np.inf, difference)),
            1.0 if same else float("nan"),
        )
    std_error = sqrt(variance)
    statistic = difference / std_error
    return Difference(
        estimate(difference, std_error, level, -1.0, 1.0),
        statistic,
        erfc(abs(statistic) / sqrt(2)),
    )


def kolmogorov_smirnov(defaulted: ArrayLike, score: ArrayLike) -> Separation:
    """Return the largest distance between the distributions of both outcomes' scores.

    Args:
        defaulted: Outcomes, shape (n,).
        score: Shape (n,).

    Raises:
        ValueError: If only one outcome is present, or a score is NaN or infinite.

    """
    outcome = as_two_classes(defaulted)
    values, place = np.unique(as_finite(score, outcome.size, "The score"), return_inverse=True)
    counts = np.bincount(place, minlength=values.size)
    bad = np.bincount(place, weights=outcome, minlength=values.size)
    distance = np.abs(np.cumsum(bad) / outcome.sum() - np.cumsum(counts - bad) / (~outcome).sum())
    best = int(np.argmax(distance))
    return Separation(float(distance[best]), float(values[best]))


def accuracy(defaulted: ArrayLike, probability: ArrayLike, threshold: float = 0.5) -> Accuracy:
    """Return the accuracy at a threshold beside that of the majority class.

    A loan is predicted to default if its probability is at least the threshold.

    Args:
        defaulted: Outcomes, shape (n,); one outcome alone is allowed.
        probability: Probabilities of default, shape (n,).
        threshold: A probability.

    Raises:
        ValueError: If a probability is NaN or outside 0 to 1.

    """
    outcome = as_defaulted(defaulted)
    predicted = as_probabilities(probability, outcome.size) >= threshold
    share = float(outcome.mean())
    return Accuracy(
        accuracy=float((predicted == outcome).mean()),
        majority=max(share, 1 - share),
        sensitivity=float(predicted[outcome].mean()) if outcome.any() else float("nan"),
        specificity=float((~predicted[~outcome]).mean()) if not outcome.all() else float("nan"),
    )

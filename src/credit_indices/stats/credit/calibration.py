"""Calibration of probabilities: Brier score, recalibration, Platt, isotonic; stability of scores.

Fit Platt scaling and isotonic regression on a calibration slice: loans that neither the training of
the model nor its evaluation uses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import (
    Estimate,
    Vector,
    as_defaulted,
    as_finite,
    as_probabilities,
    as_two_classes,
    estimate,
    first_of,
)
from credit_indices.stats.credit.regression import expit, logistic_fit

NEARLY_CERTAIN = 1e-12

HALF_COUNT = 0.5
"""Count that replaces an empty cell of the stability index."""


@dataclass(frozen=True)
class Brier:
    """Brier score = reliability - resolution + uncertainty + within (Murphy 1973, Stephenson 2008).

    Attributes:
        score: Mean squared difference of probability and outcome, 0 to 1.
        reliability: Mean squared distance of a bin's probability from its default rate.
        resolution: Variance of the default rates between the bins.
        uncertainty: Default rate times its complement.
        within: Remainder from different probabilities in one bin; 0 if a bin has one probability.

    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float


@dataclass(frozen=True)
class Recalibration:
    """Logistic recalibration of probabilities (Cox 1958).

    Attributes:
        slope: b in logit P(default) = a + b logit(p); 1 if calibrated, below 1 if overfitted.
        intercept: a of the same model; 0 if calibrated.
        in_the_large: a with b fixed at 1; above 0 if the probabilities are too low on average.

    """

    slope: Estimate
    intercept: Estimate
    in_the_large: Estimate


@dataclass(frozen=True)
class Platt:
    """P(default) = 1 / (1 + exp(-(intercept + slope * score)))."""

    intercept: float
    slope: float

    def apply(self, score: ArrayLike) -> Vector:
        """Return probabilities of default for scores of shape (n,), at least 1e-12 from 0 and 1."""
        p = expit(self.intercept + self.slope * as_finite(score, None, "The score"))
        return np.clip(p, NEARLY_CERTAIN, 1 - NEARLY_CERTAIN)


@dataclass(frozen=True)
class Isotonic:
    """A non-decreasing, piecewise linear function of the score, constant beyond its ends.

    Attributes:
        scores: Scores of the calibration slice, increasing, shape (m,).
        probabilities: Probabilities of default at these scores, shape (m,).

    """

    scores: Vector
    probabilities: Vector

    def apply(self, score: ArrayLike) -> Vector:
        """Return probabilities of default for scores of shape (n,)."""
        return np.interp(as_finite(score, None, "The score"), self.scores, self.probabilities)


@dataclass(frozen=True)
class Stability:
    """Population stability index of two samples.

    Attributes:
        psi: Sum of (actual - expected share) * ln(actual / expected share) over the bins.
        by_chance: Mean of the index for two samples of one population: (B - 1)(1/n + 1/m)
            (Yurdakul & Naranjo 2020).
        edges: Inner edges, shape (B - 1,), or (B - 2,) with a bin of missing values. A bin
            contains its upper edge.
        expected: Shares of the first sample, shape (B,); the bin of missing values is the last.
        actual: Shares of the second sample, shape (B,).

    """

    psi: float
    by_chance: float
    edges: Vector
    expected: Vector
    actual: Vector


def quantile_edges(values: Vector, n_bins: int) -> Vector:
    """Return the inner edges of bins of about equal counts; a bin contains its upper edge.

    The edges are values of the sample. Equal values stay in one bin, so there may be fewer bins.

    Args:
        values: Finite, shape (n,), n > 0.
        n_bins: Number of bins at most.

    """
    if n_bins < 1:
        raise ValueError(f"The number of bins is {n_bins}; expected at least 1.")
    levels = np.arange(1, n_bins) / n_bins
    edges = np.unique(np.quantile(values, levels, method="inverted_cdf"))
    return edges[edges < values.max()]


def brier(defaulted: ArrayLike, probability: ArrayLike, n_bins: int = 10) -> Brier:
    """Return the Brier score and its decomposition over bins of about equal counts.

    Args:
        defaulted: Outcomes, shape (n,).
        probability: Probabilities of default, shape (n,).
        n_bins: Number of bins at most; the score itself does not depend on it.

    Raises:
        ValueError: If a probability is NaN or outside 0 to 1.

    """
    outcome = as_defaulted(defaulted)
    p = as_probabilities(probability, outcome.size)
    place = np.searchsorted(quantile_edges(p, n_bins), p, side="left")
    counts = np.bincount(place)
    rates = np.bincount(place, weights=outcome) / counts
    means = np.bincount(place, weights=p) / counts
    share = outcome.mean()
    score = float(np.mean((p - outcome) ** 2))
    reliability = float(np.sum(counts * (means - rates) ** 2) / outcome.size)
    resolution = float(np.sum(counts * (rates - share) ** 2) / outcome.size)
    uncertainty = float(share * (1 - share))
    within = score - (reliability - resolution + uncertainty)
    return Brier(score, reliability, resolution, uncertainty, within)


def recalibration(
    defaulted: ArrayLike, probability: ArrayLike, level: float = 0.95
) -> Recalibration:
    """Return calibration slope and intercept, by logistic regression on the logit of p.

    Args:
        defaulted: Outcomes, shape (n,).
        probability: Probabilities of default, shape (n,), strictly between 0 and 1.
        level: Coverage of the Wald intervals.

    Raises:
        ValueError: If only one outcome is present, a probability is 0 or 1 (its logit is infinite),
            all probabilities are equal (no slope), or they separate the outcomes completely.

    """
    outcome = as_two_classes(defaulted)
    p = as_probabilities(probability, outcome.size)
    certain = (p == 0) | (p == 1)
    if certain.any():
        raise ValueError(
            f"The probability is {first_of(p, certain)}; its logit is infinite. "
            "Calibrate with fit_isotonic or fit_platt, which return neither 0 nor 1."
        )
    if np.ptp(p) == 0:
        raise ValueError(f"All probabilities are {p[0]}; there is no calibration slope.")
    logits = np.log(p) - np.log1p(-p)
    joint = logistic_fit(
        outcome, np.column_stack([np.ones_like(logits), logits]), ["constant", "The probability"]
    )
    fixed = logistic_fit(outcome, np.ones((outcome.size, 1)), ["constant"], offset=logits)
    return Recalibration(
        slope=estimate(joint.coefficients[1], joint.std_errors[1], level),
        intercept=estimate(joint.coefficients[0], joint.std_errors[0], level),
        in_the_large=estimate(fixed.coefficients[0], fixed.std_errors[0], level),
    )


def fit_platt(defaulted: ArrayLike, score: ArrayLike) -> Platt:
    """Return Platt scaling of a score, fitted on the calibration slice.

    Platt (1999): logistic regression on the score, with the targets (n1 + 1)/(n1 + 2) for n1
    defaulted loans and 1/(n0 + 2) for n0 paid ones, so the fit is finite under separation.

    Args:
        defaulted: Outcomes, shape (n,).
        score: Margins (log odds) of a model rather than probabilities, shape (n,).

    Raises:
        ValueError: If only one outcome is present, or the score is constant, NaN or infinite.

    """
    outcome = as_two_classes(defaulted)
    values = as_finite(score, outcome.size, "The score")
    center, spread = values.mean(), values.std()
    if spread == 0:
        raise ValueError(
            "All scores are equal, so there is nothing to calibrate. Add a feature that differs "
            "between loans."
        )
    n_defaulted = int(outcome.sum())
    high, low = (n_defaulted + 1) / (n_defaulted + 2), 1 / (outcome.size - n_defaulted + 2)
    scaled = np.column_stack([np.ones(outcome.size), (values - center) / spread])
    intercept, slope = logistic_fit(
        np.where(outcome, high, low), scaled, ["constant", "The score"]
    ).coefficients
    return Platt(float(intercept - slope * center / spread), float(slope / spread))


def fit_isotonic(defaulted: ArrayLike, score: ArrayLike) -> Isotonic:
    """Return isotonic regression of the outcome on a score, fitted on the calibration slice.

    Equal scores are pooled first, so the order of rows has no effect. A block of n loans with one
    outcome has the rate 1/2 / (n + 1) or its complement in place of 0 or 1 (the mean of Jeffreys's
    posterior), but never beyond the rate of the next block.

    Args:
        defaulted: Outcomes, shape (n,).
        score: Shape (n,).

    Raises:
        ValueError: If only one outcome is present, or a score is NaN or infinite.

    """
    from scipy.optimize import isotonic_regression

    outcome = as_two_classes(defaulted)
    values, place, counts = np.unique(
        as_finite(score, outcome.size, "The score"), return_inverse=True, return_counts=True
    )
    bad = np.bincount(place, weights=outcome)
    blocks = isotonic_regression(bad / counts, weights=counts).blocks
    sizes = np.add.reduceat(counts, blocks[:-1])
    rates = np.add.reduceat(bad, blocks[:-1]) / sizes
    inner = rates[(rates > 0) & (rates < 1)]
    if rates[0] == 0:
        n = sizes[rates == 0].sum()
        rates[rates == 0] = min(0.5 / (n + 1), inner.min(initial=0.5))
    if rates[-1] == 1:
        n = sizes[rates == 1].sum()
        rates[rates == 1] = max(1 - 0.5 / (n + 1), inner.max(initial=0.5))
    ends = np.unique(np.concatenate([blocks[:-1], blocks[1:] - 1]))
    return Isotonic(values[ends], np.repeat(rates, np.diff(blocks))[ends])


def stability(expected: ArrayLike, actual: ArrayLike, n_bins: int = 10) -> Stability:
    """Return the population stability index of a score or feature between two samples.

    Bins are quantiles of the first sample. Missing values (NaN) are one more bin if either sample
    has any. Where one sample has no value in a bin, its count is 1/2.

    Args:
        expected: Values of the first sample (training), shape (n,).
        actual: Values of the second sample, shape (m,).
        n_bins: Number of bins at most, without the bin of missing values.

    Raises:
        ValueError: If a sample is empty or has no value that is present, or a value is infinite.

    """
    samples = [np.asarray(sample, dtype=np.float64) for sample in (expected, actual)]
    for name, sample in zip(("first", "second"), samples, strict=True):
        if sample.ndim != 1 or sample.size == 0:
            raise ValueError(f"The {name} sample has shape {sample.shape}; expected (n,), n > 0.")
        if np.isinf(sample).any():
            raise ValueError(
                f"The {name} sample has {first_of(sample, np.isinf(sample))}; "
                "expected finite or missing values."
            )
    present = samples[0][~np.isnan(samples[0])]
    if present.size == 0:
        raise ValueError("All values of the first sample are missing; there are no quantiles.")
    edges = quantile_edges(present, n_bins)
    n_places = edges.size + 1 + int(any(np.isnan(sample).any() for sample in samples))
    counts = []
    for sample in samples:
        place = np.searchsorted(edges, sample, side="left")
        place[np.isnan(sample)] = edges.size + 1
        counts.append(np.bincount(place, minlength=n_places).astype(np.float64))
    shares = [np.where(c == 0, HALF_COUNT, c) / c.sum() for c in counts]
    terms = (shares[1] - shares[0]) * np.log(shares[1] / shares[0])
    return Stability(
        psi=float(terms.sum()),
        by_chance=(n_places - 1) * (1 / samples[0].size + 1 / samples[1].size),
        edges=edges,
        expected=counts[0] / samples[0].size,
        actual=counts[1] / samples[1].size,
    )

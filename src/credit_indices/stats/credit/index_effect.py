"""Own contribution of a regional index to a model of credit risk.

Logistic regression of default on the model's log odds and the index of the loan's province. Loans
of one province share the index, so errors are clustered by province: CR1, with t(G - 1) for G
provinces (Cameron & Miller 2015, Journal of Human Resources 50, 317-372, sections II.B and VI.A).
With about 30 provinces of unequal size CR1 still rejects a true null too often, so the linearised
cluster jackknife stands beside it (MacKinnon, Nielsen & Webb 2024, arXiv:2406.00650, CV3L). Quote
the larger p-value.

The index must be known at the decision; this function cannot see that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import (
    Counts,
    Flags,
    Matrix,
    Vector,
    as_finite,
    as_two_classes,
)
from credit_indices.stats.credit.bootstrap import cluster_codes
from credit_indices.stats.credit.regression import expit, logistic_fit

FEWEST_CLUSTERS = 10
"""With fewer provinces CR1 rejects far too often."""

NO_VARIATION = 1e-9
"""A smaller spread of the provinces' mean scores, per standard deviation, is rounding."""


SINGULAR = 1e12
"""Without a cluster, an information matrix of a higher condition number is singular."""


@dataclass(frozen=True)
class IndexEffect:
    """Effect of one standard deviation of the index on the log odds of default.

    Attributes:
        n_loans: Number of loans.
        n_clusters: Number of provinces, G.
        coefficient: None, as all values below, if there is no test; `note` has the reason.
        std_error: CR1.
        statistic: coefficient / std_error.
        df: Degrees of freedom, G - 1.
        p_value: Two-sided, of t(G - 1).
        ci_low: Lower end of the interval, from CR1.
        ci_high: Upper end.
        jackknife_std_error: Of the linearised cluster jackknife; None if the score varies because
            of one province alone.
        jackknife_p_value: Two-sided, of t(G - 1).
        note: Reason for the absence of a test, else empty.

    """

    n_loans: int
    n_clusters: int
    coefficient: float | None
    std_error: float | None
    statistic: float | None
    df: int | None
    p_value: float | None
    ci_low: float | None
    ci_high: float | None
    jackknife_std_error: float | None
    jackknife_p_value: float | None
    note: str = ""


def index_effect(
    defaulted: ArrayLike,
    margin: ArrayLike,
    index_score: ArrayLike,
    clusters: ArrayLike,
    level: float = 0.95,
) -> IndexEffect:
    """Return the effect of the index score at a given margin of the model.

    The margin must come from a model without the index, and the loans must not be its training
    loans.

    Args:
        defaulted: Outcomes, shape (n,).
        margin: Log odds of default of the model, shape (n,).
        index_score: Score of the loan's province at the decision, shape (n,); standardised here.
        clusters: Integer code of the province of each loan, from 0, shape (n,).
        level: Coverage of the interval.

    Raises:
        ValueError: If only one outcome is present, a value is NaN or infinite, a cluster is not an
            integer of at least 0, the margin is constant, the score is a linear function of the
            margin, or they separate the outcomes.

    """
    from scipy import stats

    if not 0 < level < 1:
        raise ValueError(f"The level of an interval is {level}; expected a value between 0 and 1.")
    outcome = as_two_classes(defaulted)
    n = outcome.size
    log_odds = as_finite(margin, n, "The margin")
    score = as_finite(index_score, n, "The index score")
    codes = cluster_codes(clusters, n)
    if (np.asarray(clusters) < 0).any():
        raise ValueError("A loan has no province. Leave it out.")
    n_clusters = int(codes.max()) + 1
    reason = _why_not(score, codes, n_clusters)
    if reason:
        return IndexEffect(n, n_clusters, *[None] * 9, reason)
    x = np.column_stack([np.ones(n), log_odds, (score - score.mean()) / score.std()])
    if np.linalg.matrix_rank(x) < 3:
        raise ValueError(
            "The margin is constant, or the index score is a linear function of it. Use the margin "
            "of a model without the index."
        )
    fit = logistic_fit(outcome, x, ["constant", "The margin", "The index score"])
    covariance, without = _covariances(outcome, x, fit.coefficients, codes)
    std_error = float(np.sqrt(covariance[2, 2]))
    jackknife = None if without is None else float(np.sqrt(without[2, 2]))
    coefficient, df = float(fit.coefficients[2]), n_clusters - 1
    statistic = coefficient / std_error
    width = float(stats.t.ppf(0.5 + level / 2, df)) * std_error
    return IndexEffect(
        n_loans=n,
        n_clusters=n_clusters,
        coefficient=coefficient,
        std_error=std_error,
        statistic=statistic,
        df=df,
        p_value=float(2 * stats.t.sf(abs(statistic), df)),
        ci_low=coefficient - width,
        ci_high=coefficient + width,
        jackknife_std_error=jackknife,
        jackknife_p_value=None
        if jackknife is None
        else float(2 * stats.t.sf(abs(coefficient / jackknife), df)),
    )


def _why_not(score: Vector, codes: Counts, n_clusters: int) -> str:
    """Return why there is no test, else an empty text."""
    if n_clusters < FEWEST_CLUSTERS:
        return (
            f"The loans lie in {n_clusters} provinces; expected at least {FEWEST_CLUSTERS} for "
            "errors clustered by province."
        )
    means = np.bincount(codes, weights=score) / np.bincount(codes)
    if np.ptp(means) <= NO_VARIATION * max(score.std(), np.abs(score).max()):
        return "The index score does not vary between provinces."
    return ""


def _covariances(
    outcome: Flags, x: Matrix, coefficients: Vector, codes: Counts
) -> tuple[Matrix, Matrix | None]:
    """Return two cluster-robust covariances of the coefficients: CR1 and the jackknife.

    CR1 has the factor G/(G - 1) * (n - 1)/(n - k). The jackknife is (G - 1)/G times the sum of
    squares of the changes of the coefficients if one cluster is left out, each by one Newton step;
    None if the coefficients rest on one cluster alone.
    """
    p = expit(x @ coefficients)
    (n, k), n_clusters = x.shape, int(codes.max()) + 1
    gradients = np.column_stack(
        [np.bincount(codes, weights=column * (outcome - p)) for column in x.T]
    )
    products = (x[:, :, None] * x[:, None, :] * (p * (1 - p))[:, None, None]).reshape(n, k * k)
    information = np.column_stack(
        [np.bincount(codes, weights=column) for column in products.T]
    ).reshape(n_clusters, k, k)
    total = information.sum(axis=0)
    inverse = np.linalg.inv(total)
    factor = n_clusters / (n_clusters - 1) * (n - 1) / (n - k)
    cr1 = factor * inverse @ (gradients.T @ gradients) @ inverse
    if np.linalg.cond(total - information).max() > SINGULAR:
        return cr1, None
    changes = np.linalg.solve(total - information, -gradients[:, :, None])[:, :, 0]
    return cr1, (n_clusters - 1) / n_clusters * changes.T @ changes

"""Logistic regression without penalty (statsmodels), with separation as an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import Vector

STEPS = 60
CONVERGED = 1e-10
"""Newton's method ends when no coefficient, per standard deviation, moves more."""

FEW = 4
"""Regressors that a message lists although all separate the outcomes together."""

INFINITE = 100.0
"""A standard error above this, per standard deviation of the regressor, means separation."""


@dataclass(frozen=True)
class LogisticFit:
    """Coefficients and their standard errors (inverse information), both of shape (k,)."""

    coefficients: Vector
    std_errors: Vector


def expit(log_odds: ArrayLike) -> Vector:
    """Return probabilities for log odds of any size."""
    return np.exp(-np.logaddexp(0.0, -np.asarray(log_odds, dtype=np.float64)))


def logistic_fit(
    targets: ArrayLike,
    regressors: ArrayLike,
    names: Sequence[str],
    counts: ArrayLike | None = None,
    offset: ArrayLike | None = None,
) -> LogisticFit:
    """Return the maximum likelihood fit of logit P = offset + regressors @ coefficients.

    Args:
        targets: Shares of defaulted loans between 0 and 1, shape (n,).
        regressors: Shape (n, k), with the constant.
        names: Names of the regressors for messages, k of them.
        counts: Number of loans of each row, shape (n,); 1 if absent.
        offset: Log odds with coefficient 1, shape (n,); 0 if absent.

    Raises:
        ValueError: If regressors separate the outcomes, so their coefficients are infinite, or the
            steps do not converge. The message names the regressors.

    """
    import warnings

    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    y, x = np.asarray(targets, dtype=np.float64), np.asarray(regressors, dtype=np.float64)
    if counts is not None:
        y = np.column_stack([counts * y, counts * (1 - y)])
    spread = x.std(axis=0)
    spread[spread == 0] = 1.0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Separation is reported below, by name.
        warnings.simplefilter("ignore")
        fit = GLM(y, x / spread, family=Binomial(), offset=offset).fit(
            method="newton", max_start_irls=0, maxiter=STEPS, tol=CONVERGED, disp=0
        )
        std_errors = np.asarray(fit.bse)
    wide = ~(std_errors < INFINITE)
    if wide.any():
        diverged = ", ".join(name for name, flag in zip(names, wide, strict=True) if flag)
        if wide.all() and wide.size > FEW:  # the information is singular and names no regressor
            diverged = "A combination of the regressors"
        raise ValueError(
            f"{diverged} separates defaulted from paid loans, so its coefficient is infinite. Look "
            "for values known after the decision, merge bins, or remove it."
        )
    if not fit.mle_retvals["converged"]:
        raise ValueError(
            f"The logistic regression on {', '.join(names)} did not converge in {STEPS} steps. A "
            "regressor may separate defaulted from paid loans: look for values known after the "
            "decision."
        )
    return LogisticFit(np.asarray(fit.params) / spread, std_errors / spread)

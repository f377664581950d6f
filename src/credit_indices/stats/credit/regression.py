"""Logistic regression without penalty."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

ITERATIONS = 100


def logistic_fit(targets: ArrayLike, regressors: ArrayLike, offset: ArrayLike | None = None) -> Any:
    """Return statsmodels's fit of a binomial GLM with logit link.

    Args:
        targets: Fractions between 0 and 1, shape (n,), or counts of defaulted and of paid loans,
            shape (n, 2).
        regressors: Shape (n, k), with the constant.
        offset: Log odds with coefficient 1, shape (n,).

    Raises:
        ValueError: If the regressors separate the outcomes completely, or the fit diverges.

    """
    import warnings

    import numpy as np
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            fit = GLM(targets, regressors, family=Binomial(), offset=offset).fit(
                maxiter=ITERATIONS, tol=1e-12, rtol=1e-12
            )
        except PerfectSeparationWarning as separation:
            raise ValueError(
                "The regressors separate defaulted from paid loans completely; the coefficients "
                "are infinite. Look for a feature that is known after the decision."
            ) from separation
    if not fit.converged:
        raise ValueError(
            f"The logistic regression did not converge in {ITERATIONS} iterations. Look for a "
            "feature that separates the outcomes, or that repeats another."
        )
    return fit

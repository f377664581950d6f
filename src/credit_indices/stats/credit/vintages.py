"""Stability of a model's probabilities over the years of decision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import as_probabilities
from credit_indices.stats.credit.calibration import stability


@dataclass(frozen=True)
class Vintage:
    """Shift of the probabilities of one year's loans against the training sample.

    Attributes:
        vintage: Year of the decision.
        n_loans: Number of loans.
        psi: Population stability index.
        by_chance: Mean of the index if nothing shifted (`Stability.by_chance`).

    """

    vintage: int
    n_loans: int
    psi: float
    by_chance: float


def stability_by_vintage(
    train_probability: ArrayLike,
    probability: ArrayLike,
    vintage: ArrayLike,
    n_bins: int = 10,
) -> list[Vintage]:
    """Return the stability index of every year after the training sample, by year.

    Args:
        train_probability: Probabilities of the training sample, shape (n,).
        probability: Probabilities of the later loans, shape (m,).
        vintage: Year of the decision of each later loan, integers, shape (m,).
        n_bins: Number of bins at most, quantiles of the training sample.

    Raises:
        ValueError: If a probability is not between 0 and 1, or a year is not an integer.

    """
    years = np.asarray(vintage)
    p = as_probabilities(probability, years.size)
    train = as_probabilities(train_probability, np.size(train_probability))
    if years.dtype.kind not in "iu":
        raise ValueError(f"The vintages have the type {years.dtype}; expected integers (years).")
    found = []
    for year in np.unique(years):
        shift = stability(train, p[years == year], n_bins)
        found.append(Vintage(int(year), int((years == year).sum()), shift.psi, shift.by_chance))
    return found

"""Reject inference as bounds: what a model's metrics can be over the applications refused.

Outcomes of refused applications are not known, and no assumption about them can be tested with the
loans (Hand & Henley 1993, IMA Journal of Mathematics Applied in Business and Industry 5, 45-55).
The bounds assume nothing: they are the least and the largest value over all 2^m outcomes of the m
refused applications (Manski 1989, Journal of Human Resources 24, 343-360).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import Flags, Vector, as_probabilities, as_two_classes
from credit_indices.stats.credit.discrimination import accuracy, auc, midranks


@dataclass(frozen=True)
class Bound:
    """Sharp bounds of a metric over all applications.

    Attributes:
        metric: default_rate, accuracy or auc.
        of_accepted: Value on the accepted loans only.
        low: Least possible value on all applications.
        high: Largest possible value on all applications.

    """

    metric: str
    of_accepted: float
    low: float
    high: float


def reject_bounds(
    defaulted: ArrayLike,
    probability: ArrayLike,
    probability_of_refused: ArrayLike,
    threshold: float = 0.5,
) -> list[Bound]:
    """Return sharp bounds of default rate, accuracy and AUC over accepted and refused applications.

    Accuracy is highest if every refused application has the predicted outcome, and lowest if none
    has. For the AUC, the outcomes that are optimal are a threshold in the score: suppose a refused
    application defaults and another with a higher rank is paid; exchanging the two outcomes keeps
    both counts and raises the sum of the defaulted ranks, hence the AUC. So for each number k of
    defaults among the refused, the AUC is largest if the k highest default and least if the k
    lowest do; the bounds are the extremes over k = 0, ..., m. Ranks do not depend on outcomes.

    Args:
        defaulted: Outcomes of the accepted loans, shape (n,).
        probability: Their probabilities of default, shape (n,).
        probability_of_refused: Probabilities of the refused applications by the same model, shape
            (m,), m >= 0.
        threshold: An application is predicted to default from this probability on.

    Raises:
        ValueError: If the accepted loans have one outcome only, or a probability is not between 0
            and 1.

    """
    outcome = as_two_classes(defaulted)
    n, bad = outcome.size, int(outcome.sum())
    p = as_probabilities(probability, n)
    refused = as_probabilities(probability_of_refused, np.size(probability_of_refused))
    m = refused.size
    own = accuracy(outcome, p, threshold).accuracy
    correct = int(((p >= threshold) == outcome).sum())
    low, high = _auc_bounds(outcome, p, refused)
    return [
        Bound("default_rate", bad / n, bad / (n + m), (bad + m) / (n + m)),
        Bound("accuracy", own, correct / (n + m), (correct + m) / (n + m)),
        Bound("auc", auc(outcome, p), low, high),
    ]


def _auc_bounds(outcome: Flags, p: Vector, refused: Vector) -> tuple[float, float]:
    ranks = midranks(np.concatenate([p, refused]))
    certain = ranks[: p.size][outcome].sum()
    rising = np.sort(ranks[p.size :])
    n_bad = outcome.sum() + np.arange(refused.size + 1)
    n_good = ranks.size - n_bad
    ends = []
    for ordered in (rising, rising[::-1]):
        sums = certain + np.append(0.0, np.cumsum(ordered))
        ends.append((sums - n_bad * (n_bad + 1) / 2) / (n_bad * n_good))
    return float(ends[0].min()), float(ends[1].max())

"""Threshold of refusal by the money at risk.

An accepted loan that defaults costs amount * loss given default. A refused loan that would have
been paid costs amount * margin. A loan is refused if its probability is above the threshold. With
calibrated probabilities the cost is least at margin / (margin + loss given default), whatever the
amounts (Elkan 2001, "The foundations of cost-sensitive learning", section 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import (
    Flags,
    Vector,
    as_defaulted,
    as_finite,
    as_probabilities,
)
from credit_indices.stats.credit.bootstrap import Totals, cluster_codes, draw, percentiles


@dataclass(frozen=True)
class Costs:
    """Costs of the two errors per amount.

    Attributes:
        loss_given_default: Share of the amount that a default loses, above 0 and at most 1.
        margin: Share of the amount that a paid loan earns, above 0.

    """

    loss_given_default: float
    margin: float

    def __post_init__(self):
        if not 0 < self.loss_given_default <= 1:
            raise ValueError(
                f"loss_given_default is {self.loss_given_default}; expected above 0 and at most 1."
            )
        if not 0 < self.margin < np.inf:
            raise ValueError(f"margin is {self.margin}; expected a number above 0.")

    @property
    def theoretical_threshold(self) -> float:
        """Threshold at which refusing and accepting cost the same, if p is calibrated."""
        return self.margin / (self.margin + self.loss_given_default)


@dataclass(frozen=True)
class Policy:
    """The cost of one rule of refusal on a sample.

    Attributes:
        policy: chosen_threshold, theoretical_threshold, approve_all or refuse_all.
        threshold: Loans with a higher probability are refused; None for refuse_all.
        approval_rate: Share of the loans that are approved.
        cost: In the unit of the amounts.
        cost_per_amount: Cost over the amount of all loans of the sample, refused ones included.
        bootstrap_low: Lower end of the percentile bootstrap of `cost_per_amount`.
        bootstrap_high: Upper end.

    """

    policy: str
    threshold: float | None
    approval_rate: float
    cost: float
    cost_per_amount: float
    bootstrap_low: float
    bootstrap_high: float


def cost_threshold(
    defaulted: ArrayLike, probability: ArrayLike, amount: ArrayLike, costs: Costs
) -> float:
    """Return the threshold with the least cost on a sample, such as the calibration slice.

    The candidates are 1 (approve all), the middle of every two neighbouring probabilities, and half
    of the lowest probability (refuse all). Of thresholds with equal cost, the highest is returned:
    it refuses the fewest loans. The cost on the same sample is too low: use `policies` on another.

    Args:
        defaulted: Outcomes, shape (n,).
        probability: Probabilities of default, shape (n,).
        amount: Amounts of the loans, above 0, shape (n,).
        costs: Costs of the two errors.

    Raises:
        ValueError: If a probability is not between 0 and 1, or an amount is not above 0.

    """
    outcome, p, money = _read(defaulted, probability, amount)
    values, place = np.unique(p, return_inverse=True)
    lost = np.bincount(place, weights=money * outcome) * costs.loss_given_default
    missed = np.bincount(place, weights=money * ~outcome) * costs.margin
    # cost[k] refuses all but the loans with the k lowest values.
    cost = np.append(0.0, np.cumsum(lost)) + np.append(np.cumsum(missed[::-1])[::-1], 0.0)
    thresholds = np.concatenate([[values[0] / 2], (values[1:] + values[:-1]) / 2, [1.0]])
    possible = thresholds < np.append(values, np.inf)
    least = cost[possible].min()
    equal = cost <= least * (1 + 1e-12)
    return float(thresholds[possible & equal].max())


def policies(
    defaulted: ArrayLike,
    probability: ArrayLike,
    amount: ArrayLike,
    clusters: ArrayLike,
    costs: Costs,
    threshold: float,
    *,
    draws: int,
    seed: int,
    level: float = 0.95,
) -> list[Policy]:
    """Return the cost of four policies on a sample that the choice of the threshold did not use.

    The interval draws enterprises and keeps the threshold.

    Args:
        defaulted: Outcomes, shape (n,).
        probability: Probabilities of default, shape (n,).
        amount: Amounts of the loans, above 0, shape (n,).
        clusters: Integer code of the enterprise of each loan, -1 without one, shape (n,).
        costs: Costs of the two errors.
        threshold: Threshold of `cost_threshold` on another sample.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.
        level: Coverage of the intervals.

    Raises:
        ValueError: As `cost_threshold`, or if the threshold is not between 0 and 1.

    """
    outcome, p, money = _read(defaulted, probability, amount)
    codes = cluster_codes(clusters, outcome.size)
    if not 0 <= threshold <= 1:
        raise ValueError(f"The threshold is {threshold}; expected 0 to 1.")
    theoretical = costs.theoretical_threshold
    approved = {
        "chosen_threshold": (threshold, p <= threshold),
        "theoretical_threshold": (theoretical, p <= theoretical),
        "approve_all": (1.0, np.ones(p.size, dtype=bool)),
        "refuse_all": (None, np.zeros(p.size, dtype=bool)),
    }
    cost = {
        name: money * np.where(flags, outcome * costs.loss_given_default, ~outcome * costs.margin)
        for name, (_, flags) in approved.items()
    }
    sums = draw(codes, [Totals(codes, {"amount": money, **cost})], [], draws=draws, seed=seed).sums
    found = []
    for name, (cut, flags) in approved.items():
        low, high = percentiles(sums[0][name] / sums[0]["amount"], level)
        total = float(cost[name].sum())
        found.append(
            Policy(
                policy=name,
                threshold=cut,
                approval_rate=float(flags.mean()),
                cost=total,
                cost_per_amount=total / float(money.sum()),
                bootstrap_low=low,
                bootstrap_high=high,
            )
        )
    return found


def _read(
    defaulted: ArrayLike, probability: ArrayLike, amount: ArrayLike
) -> tuple[Flags, Vector, Vector]:
    outcome = as_defaulted(defaulted)
    p = as_probabilities(probability, outcome.size)
    money = as_finite(amount, outcome.size, "The amount")
    if (money <= 0).any():
        row = int(np.flatnonzero(money <= 0)[0])
        raise ValueError(f"The amount of row {row} is not above 0. Leave the loan out.")
    return outcome, p, money

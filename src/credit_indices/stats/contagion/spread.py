"""The two ways in which distress spreads: DebtRank and a threshold cascade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csc_array

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

ROUNDING = 1e-9
"""Relative tolerance of the threshold: 0.7 + 0.2 + 0.1 is below 1 in binary."""


@dataclass(frozen=True)
class Spread:
    """Distress after the last round.

    Attributes:
        distress: Share of the capital that is lost, shape (n,): 1 for a start or a failure.
        rounds: Number of rounds in which somebody's distress grew (DebtRank) or somebody failed
            (cascade).

    """

    distress: Vector
    rounds: int


def debt_rank(impact: csc_array, start: Flags) -> Spread:
    """Spread distress as DebtRank does (Battiston et al. 2012, Scientific Reports 2, 541).

    The starts have distress 1. In each round, the enterprises that became distressed in the round
    before add impact[i, j] times their distress to that of every enterprise i, up to 1. Each
    enterprise passes its distress on once, in the round after it became distressed; what it
    receives later is not passed on. (The paper's DebtRank is the growth of the distress, weighted
    by economic value.)

    Args:
        impact: min(1, exposure of i to j / capital of i), shape (n, n), no negative entry.
        start: The enterprises that fail first, shape (n,).

    Raises:
        ValueError: If the shapes do not match, or an impact is not between 0 and 1.

    """
    _check(impact, start)
    if impact.nnz and not (impact.data.min() >= 0 and impact.data.max() <= 1):
        raise ValueError(
            f"Impacts are between {impact.data.min()} and {impact.data.max()}; expected shares of "
            "the capital between 0 and 1."
        )
    distress, reached, rounds = start.astype(float), start.copy(), 0
    front = np.flatnonzero(start)
    while front.size:
        places, received = _received(impact, front, distress[front])
        grown = np.minimum(1, distress[places] + received)
        rounds += bool((grown > distress[places]).any())
        distress[places] = grown
        front = places[(grown > 0) & ~reached[places]]
        reached[front] = True
    return Spread(distress, rounds)


def threshold_cascade(loss: csc_array, start: Flags, threshold: float) -> Spread:
    """Let enterprises fail whose losses reach a share of their capital (Furfine 2003).

    Losses are whole exposures, without recovery. In each round the enterprises fail whose losses by
    all failures so far are at least `threshold` times their capital.

    Args:
        loss: Exposure of i to j / capital of i, shape (n, n), no negative entry.
        start: The enterprises that fail first, shape (n,).
        threshold: Share of the capital, above 0.

    Returns:
        The distress is 1 for failures and 0 for all others.

    Raises:
        ValueError: If the shapes do not match, a loss is negative, or the threshold is not above 0.

    """
    _check(loss, start)
    if loss.nnz and not loss.data.min() >= 0:
        raise ValueError(f"A loss is {loss.data.min()}; expected shares of the capital from 0 on.")
    if not threshold > 0:
        raise ValueError(f"The threshold is {threshold}; expected a share above 0, such as 1.")
    losses, failed, rounds = np.zeros(start.size), start.copy(), 0
    front = np.flatnonzero(start)
    while front.size:
        places, received = _received(loss, front, np.ones(front.size))
        losses[places] += received
        front = places[(losses[places] >= threshold * (1 - ROUNDING)) & ~failed[places]]
        failed[front] = True
        rounds += bool(front.size)
    return Spread(failed.astype(float), rounds)


def _check(matrix: csc_array, start: Flags) -> None:
    if matrix.shape != (start.size, start.size):
        raise ValueError(
            f"The matrix has shape {matrix.shape} and there are {start.size} enterprises; expected "
            "a row and a column per enterprise."
        )


def _received(matrix: csc_array, columns: Places, weights: Vector) -> tuple[Places, Vector]:
    """Return the rows with an entry in some of the columns, and the weighted sums of these."""
    part = matrix[:, columns]
    sums = part.data * np.repeat(weights, np.diff(part.indptr))
    places, position = np.unique(part.indices, return_inverse=True)
    return places, np.bincount(position, weights=sums, minlength=places.size)

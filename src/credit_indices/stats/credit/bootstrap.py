"""Bootstrap by enterprise: whole clusters of loans are drawn with replacement.

Field & Welsh (2007), Journal of the Royal Statistical Society B 69, 369-390. A draw is the number
of times that each cluster occurs in it. These multiplicities weigh the loans, so a draw repeats no
row and needs no sort.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import Counts, Flags, Vector

NO_ENTERPRISE = -1
"""Code of a loan without an enterprise."""


class Ranking:
    """Loans sorted once by a score, for AUC and KS in many draws."""

    def __init__(self, codes: Counts, defaulted: Flags, score: Vector):
        """Sort the loans; cluster, outcome and score are valid and have shape (n,)."""
        order = np.argsort(score, kind="stable")
        ordered = score[order]
        self.codes = codes[order]
        self.bad = defaulted[order].astype(np.float64)
        self.ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))

    def auc_and_ks(self, counts: Vector) -> tuple[float, float]:
        """Return AUC and KS of a draw; NaN if an outcome does not occur in it.

        Args:
            counts: Multiplicity of every cluster, shape (number of clusters,).

        """
        weights = counts[self.codes]
        good = np.cumsum(weights)[self.ends]
        weights *= self.bad
        bad = np.cumsum(weights)[self.ends]
        good -= bad
        if bad[-1] == 0 or good[-1] == 0:
            return float("nan"), float("nan")
        steps = np.diff(bad, prepend=0.0)
        below = np.concatenate([[0.0], good[:-1]])
        area = steps @ (good + below) / (2 * bad[-1] * good[-1])
        distance = np.abs(bad / bad[-1] - good / good[-1]).max()
        return float(area), float(distance)


class Totals:
    """Sums of columns over the loans of each cluster, for sums over the loans of many draws."""

    def __init__(self, codes: Counts, columns: Mapping[str, ArrayLike]):
        """Sum the columns; `codes` and every column have shape (n,)."""
        self.names = list(columns)
        self.clusters, place = np.unique(codes, return_inverse=True)
        self.sums = np.column_stack(
            [
                np.bincount(place, weights=np.asarray(column), minlength=self.clusters.size)
                for column in columns.values()
            ]
        )

    def of(self, counts: Vector) -> Vector:
        """Return the sums of a draw, one per column; `counts` as in `Ranking.auc_and_ks`."""
        return counts[self.clusters] @ self.sums


@dataclass(frozen=True)
class Draws:
    """Statistics of every draw.

    Attributes:
        sums: For each `Totals`, its sums by column, each of shape (draws,).
        aucs: AUC of each `Ranking`, shape (number of rankings, draws).
        distances: KS of each `Ranking`, shape (number of rankings, draws).

    """

    sums: list[dict[str, Vector]]
    aucs: Vector
    distances: Vector


def cluster_codes(clusters: ArrayLike, n: int) -> Counts:
    """Return the cluster of each loan as a code from 0 without gaps, shape (n,).

    Args:
        clusters: Integer code of the enterprise of each loan; -1 for a loan without an enterprise,
            which is a cluster of its own.
        n: Number of loans.

    Raises:
        ValueError: If the shape differs, or a code is not an integer of at least -1.

    """
    array = np.asarray(clusters)
    if array.shape != (n,):
        raise ValueError(f"The clusters have shape {array.shape}; expected ({n},).")
    if array.dtype.kind not in "iu" or (array < NO_ENTERPRISE).any():
        raise ValueError(
            "A cluster is not an integer of at least -1. Number the enterprises from 0, and give "
            "-1 to a loan without an enterprise."
        )
    alone = array == NO_ENTERPRISE
    codes = np.empty(n, dtype=np.int64)
    known, codes[~alone] = np.unique(array[~alone], return_inverse=True)
    codes[alone] = known.size + np.arange(alone.sum())
    return codes


def multiplicities(n_clusters: int, draws: int, seed: int) -> Iterator[Vector]:
    """Yield, for every draw, how often each cluster occurs in it, shape (n_clusters,).

    Raises:
        ValueError: If there are fewer than 2 draws.

    """
    if draws < 2:
        raise ValueError(f"The number of draws is {draws}; expected at least 2.")
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = rng.integers(n_clusters, size=n_clusters)
        yield np.bincount(drawn, minlength=n_clusters).astype(np.float64)


def draw(
    codes: Counts,
    totals: Sequence[Totals],
    rankings: Sequence[Ranking],
    *,
    draws: int,
    seed: int,
) -> Draws:
    """Return the statistics of every draw; all totals and rankings share the drawn clusters.

    Args:
        codes: Cluster of each loan, of `cluster_codes`, shape (n,).
        totals: Sums over all loans or some of them.
        rankings: Scores of all loans or of some of them.
        draws: Number of draws.
        seed: Seed of the draws.

    Raises:
        ValueError: If there are fewer than 2 draws.

    """
    sums = [np.empty((draws, len(each.names))) for each in totals]
    areas = np.empty((len(rankings), draws, 2))
    for number, counts in enumerate(multiplicities(int(codes.max()) + 1, draws, seed)):
        for each, rows in zip(totals, sums, strict=True):
            rows[number] = each.of(counts)
        for each, rows in zip(rankings, areas, strict=True):
            rows[number] = each.auc_and_ks(counts)
    named = [
        dict(zip(each.names, rows.T, strict=True)) for each, rows in zip(totals, sums, strict=True)
    ]
    return Draws(named, areas[:, :, 0], areas[:, :, 1])


def percentiles(values: Vector, level: float) -> tuple[float, float]:
    """Return the percentile interval over the draws; draws with NaN are left out.

    Args:
        values: One value per draw, shape (draws,); NaN if the statistic does not exist in a draw.
        level: Coverage of the interval.

    Returns:
        Lower and upper end; NaN if the statistic exists in fewer than half of the draws.

    """
    present = values[~np.isnan(values)]
    if 2 * present.size < values.size:
        return float("nan"), float("nan")
    low, high = np.quantile(present, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)

"""Bootstrap by enterprise: whole clusters of loans are drawn with replacement.

Field & Welsh (2007), Journal of the Royal Statistical Society B 69, 369-390. A draw is the number
of times that each cluster occurs in it. These multiplicities weigh the loans, so a draw repeats no
row and needs no sort. Many draws are one product of a sparse matrix (loans by cluster) and the
multiplicities.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import Counts, Flags, Matrix, Vector

NO_ENTERPRISE = -1
"""Code of a loan without an enterprise."""


MOST_SCORES = 5_000
"""A draw distinguishes at most so many scores: of more, neighbours of about equal count are merged.
That changes the AUC and the KS of a draw by less than 1 / MOST_SCORES."""

BATCH = 32
"""Draws in one product."""


class Ranking:
    """Loans sorted once by a score, for AUC and KS in many draws."""

    def __init__(self, codes: Counts, defaulted: Flags, score: Vector):
        """Sort the loans; cluster, outcome and score are valid and have shape (n,)."""
        from scipy.sparse import csr_array

        order = np.argsort(score, kind="stable")
        ordered = score[order]
        ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) + 1
        if ends.size > MOST_SCORES:
            wanted = np.arange(1, MOST_SCORES + 1) * score.size // MOST_SCORES
            ends = np.unique(ends[np.searchsorted(ends, wanted)])
        ends = np.append(0, ends)
        ordered_codes, bad = codes[order], defaulted[order]
        bad_ends = np.append(0, np.cumsum(bad))[ends]
        self.n_clusters = int(codes.max()) + 1
        shape = (ends.size - 1, self.n_clusters)
        self._all, self._bad = (
            csr_array((np.ones(part.size), part, starts), shape=shape)
            for part, starts in ((ordered_codes, ends), (ordered_codes[bad], bad_ends))
        )

    def auc_and_ks(self, counts: Matrix) -> tuple[Vector, Vector]:
        """Return AUC and KS of draws, each of shape (draws,); NaN if an outcome does not occur.

        Args:
            counts: Multiplicity of every cluster, shape (number of clusters, draws).

        """
        own = counts[: self.n_clusters]
        steps = self._bad @ own
        bad = np.cumsum(steps, axis=0)
        good = np.cumsum(self._all @ own, axis=0) - bad
        n_bad, n_good = bad[-1], good[-1]
        below = np.vstack([np.zeros(n_good.size), good[:-1]])
        with np.errstate(invalid="ignore", divide="ignore"):
            area = np.einsum("ij,ij->j", steps, good + below) / (2 * n_bad * n_good)
            distance = np.abs(bad / n_bad - good / n_good).max(axis=0)
        exists = (n_bad > 0) & (n_good > 0)
        return np.where(exists, area, np.nan), np.where(exists, distance, np.nan)


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

    def of(self, counts: Matrix) -> Matrix:
        """Return the sums of draws, shape (draws, columns); `counts` as in `Ranking.auc_and_ks`."""
        return counts[self.clusters].T @ self.sums


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
    areas = np.empty((len(rankings), 2, draws))
    drawn = multiplicities(int(codes.max()) + 1, draws, seed)
    for first in range(0, draws, BATCH):
        batch = slice(first, first + BATCH)
        counts = np.column_stack(list(islice(drawn, BATCH)))
        for each, rows in zip(totals, sums, strict=True):
            rows[batch] = each.of(counts)
        for each, rows in zip(rankings, areas, strict=True):
            rows[:, batch] = each.auc_and_ks(counts)
    named = [
        dict(zip(each.names, rows.T, strict=True)) for each, rows in zip(totals, sums, strict=True)
    ]
    return Draws(named, areas[:, 0], areas[:, 1])


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

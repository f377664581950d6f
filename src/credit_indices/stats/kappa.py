"""Agreement of two ratings of the same enterprises on an ordered scale.

Weighted kappa (Cohen 1968) with linear weights (Cicchetti and Allison 1971) and quadratic weights
(Fleiss and Cohen 1973), and its interval with the large-sample variance of Fleiss, Cohen and
Everitt (1969), as statsmodels computes them. The weight of two grades is the distance of their
notches, so grades that nobody has do not change kappa.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Row = dict[str, Any]

WEIGHTS = ("linear", "quadratic")
PAIR = ("scale", "region_1", "region_2", "agency_1", "agency_2")
SCHEMA = pa.schema(
    [(name, pa.string()) for name in PAIR]
    + [(name, pa.int64()) for name in ("n_enterprises", "n_exact", "n_within_a_notch")]
    + [(name, pa.float64()) for name in ("share_exact", "share_within_a_notch")]
    + [
        (f"kappa_{weights}{end}", pa.float64())
        for weights in WEIGHTS
        for end in ("", "_low", "_high")
    ]
    + [("message", pa.string()), ("data_origin", pa.string())]
)
NORMAL_975 = 1.959963984540054
UNDEFINED = "All grades are the same, so agreement by chance is complete and kappa is undefined."


@dataclass(frozen=True)
class Kappa:
    """A weighted kappa and the ends of its 95 % interval, which may exceed 1."""

    value: float
    low: float
    high: float


def weighted_kappa(
    notches: NDArray[np.int64], table: NDArray[np.int64], weights: str
) -> Kappa | None:
    """Return weighted kappa, or None if it is undefined.

    Args:
        notches: Notches in increasing order, shape (k,).
        table: Number of enterprises by first (row) and second notch (column), shape (k, k).
        weights: linear or quadratic.

    Returns:
        The kappa; None if all enterprises have one grade in both ratings.

    Raises:
        ValueError: If ``weights`` is neither linear nor quadratic.

    """
    if weights not in WEIGHTS:
        raise ValueError(f"weights is {weights!r}; expected one of {', '.join(WEIGHTS)}.")
    from statsmodels.stats.inter_rater import cohens_kappa  # takes a second

    if len(notches) == 1:
        return None
    with np.errstate(invalid="ignore"):  # its test of kappa = 0, if one rating is constant
        found = cohens_kappa(table, weights=np.asarray(notches, float), wt=weights)
    # Rounding can make the variance of complete agreement negative.
    half_width = NORMAL_975 * sqrt(max(found.var_kappa, 0.0))
    value = float(found.kappa)
    return Kappa(value, value - half_width, value + half_width)


def agreement_table(pairs: pa.Table) -> pa.Table:
    """Return the agreement of every pair of regions and agencies.

    Args:
        pairs: A row per pair (the columns `PAIR`) and two notches, with n_enterprises and
            data_origin.

    Returns:
        A row per pair with the columns of `SCHEMA`, in the order of the pairs.

    """
    by_pair: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in pairs.to_pylist():
        by_pair[tuple(row[name] for name in PAIR)].append(row)
    return pa.Table.from_pylist(
        [_agreement(pair, by_pair[pair]) for pair in sorted(by_pair)], schema=SCHEMA
    )


def _agreement(pair: tuple[str, ...], rows: list[Row]) -> Row:
    first, second, n = (
        np.array([row[name] for row in rows], dtype=np.int64)
        for name in ("notch_1", "notch_2", "n_enterprises")
    )
    notches = np.unique(np.concatenate([first, second]))
    table = np.zeros((notches.size, notches.size), dtype=np.int64)
    np.add.at(table, (np.searchsorted(notches, first), np.searchsorted(notches, second)), n)
    distance = np.abs(first - second)
    total, exact, within = (int(n[distance <= most].sum()) for most in (np.inf, 0, 1))
    found: Row = dict(zip(PAIR, pair, strict=True)) | {
        "n_enterprises": total,
        "n_exact": exact,
        "n_within_a_notch": within,
        "share_exact": exact / total,
        "share_within_a_notch": within / total,
        "data_origin": rows[0]["data_origin"],
    }
    for weights in WEIGHTS:
        kappa = weighted_kappa(notches, table, weights)
        if kappa is None:
            return found | {"message": UNDEFINED}
        found |= {
            f"kappa_{weights}": kappa.value,
            f"kappa_{weights}_low": kappa.low,
            f"kappa_{weights}_high": kappa.high,
        }
    return found

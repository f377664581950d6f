"""Scenarios of contagion over the links of enterprises, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from credit_indices.stats.contagion.spread import (
    Flags,
    Spread,
    Vector,
    debt_rank,
    threshold_cascade,
)

if TYPE_CHECKING:
    from scipy.sparse import csc_array

WORST_LEVEL, SINGLE = "worst_level", "single"
DEBT_RANK, CASCADE = "debt_rank", "threshold_cascade"

SCENARIOS = pa.schema(
    [
        ("scenario", pa.string()),
        ("method", pa.string()),
        ("start", pa.string()),  # key of the enterprise; NULL for the scenario worst_level
        ("start_enterprises", pa.int64()),
        ("affected", pa.int64()),  # besides the starts
        ("distressed_capital", pa.float64()),  # yuan
        ("share_of_capital", pa.float64()),  # NULL if no enterprise has a capital
        ("rounds", pa.int64()),
        ("threshold", pa.float64()),  # NULL for DebtRank
        ("links", pa.int64()),
        ("links_without_amount", pa.int64()),
        ("links_without_capital", pa.int64()),
        ("data_origin", pa.string()),
    ]
)


@dataclass(frozen=True)
class Network:
    """Enterprises and their exposures.

    Attributes:
        keys: Keys of the enterprises in order, n of them.
        capital: Registered capital in yuan, NaN if it is missing, shape (n,).
        loss: Exposure of i to j / capital of i, shape (n, n).
        owed: Sum of what all others lose if j fails, in yuan, shape (n,). Also of those without a
            capital.
        links: Number of links in `loss`.
        links_without_amount: Number of links left out because their amount is missing.
        links_without_capital: Number of others left out because the capital of the exposed
            enterprise is missing.

    """

    keys: list[str]
    capital: Vector
    loss: csc_array
    owed: Vector
    links: int
    links_without_amount: int
    links_without_capital: int


def network(enterprises: pa.Table, exposures: pa.Table) -> Network:
    """Arrange exposures as a matrix.

    Args:
        enterprises: enterprise_key, registered_capital (yuan, NULL if missing).
        exposures: A row per pair of enterprises and kind: exposed_key, counterparty_key, kind,
            exposure (yuan, NULL if no link has an amount), links, links_without_amount. Rows of the
            kind `any` hold the sums and are the ones that are read.

    Raises:
        ValueError: If an exposure names an enterprise that is not in `enterprises`.

    """
    from scipy.sparse import csc_array

    enterprises = enterprises.sort_by("enterprise_key")
    keys = enterprises["enterprise_key"].combine_chunks()
    capital = _numbers(enterprises["registered_capital"])
    pairs = exposures.filter(pc.equal(exposures["kind"], "any"))
    exposed = _places(pairs["exposed_key"], keys)
    counterparty = _places(pairs["counterparty_key"], keys)
    amount = _numbers(pairs["exposure"])
    links = _numbers(pairs["links"]).astype(np.int64)
    unpriced = _numbers(pairs["links_without_amount"]).astype(np.int64)
    is_priced, has_capital = ~np.isnan(amount), ~np.isnan(capital[exposed])
    used = is_priced & has_capital
    size = (len(keys), len(keys))
    return Network(
        keys=keys.to_pylist(),
        capital=capital,
        loss=csc_array(
            (amount[used] / capital[exposed[used]], (exposed[used], counterparty[used])), shape=size
        ),
        owed=np.bincount(
            counterparty[is_priced], weights=amount[is_priced], minlength=len(keys)
        ).astype(float),
        links=int((links - unpriced)[used].sum()),
        links_without_amount=int(unpriced.sum()),
        links_without_capital=int((links - unpriced)[~has_capital].sum()),
    )


def _numbers(column: pa.ChunkedArray) -> Vector:
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _places(column: pa.ChunkedArray, keys: pa.Array) -> np.ndarray:
    places = pc.index_in(column, keys)
    if places.null_count:
        raise ValueError(
            f"{places.null_count} exposure(s) name an enterprise that is not among the "
            f"{len(keys)} enterprises; expected a row of enterprises for each."
        )
    return places.to_numpy(zero_copy_only=False).astype(np.int64)


def scenarios_table(
    *,
    enterprises: pa.Table,
    warned: pa.Table,
    levels: pa.Table,
    exposures: pa.Table,
    threshold: float,
    n_starts: int,
) -> pa.Table:
    """Run every scenario by DebtRank and as a threshold cascade.

    The starts are all enterprises at the worst level, and each of the enterprises to which the
    others are most exposed.

    Args:
        enterprises: enterprise_key, registered_capital, data_origin.
        warned: enterprise_key and level_rank of those with an open warning.
        levels: level_rank of every level.
        exposures: As for `network`.
        threshold: Share of the capital from which losses make an enterprise fail in the cascade.
        n_starts: Number of enterprises that start a scenario of their own.

    Returns:
        A table with the schema `SCENARIOS`.

    Raises:
        ValueError: If `threshold` is not a number above 0, or `n_starts` not a whole number from 0
            on; they are the dbt variables cascade_threshold and contagion_starts.

    """
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not threshold > 0:
        raise ValueError(
            f"The dbt variable cascade_threshold is {threshold!r}; expected a share of the capital "
            "above 0, such as 1."
        )
    if isinstance(n_starts, bool) or not isinstance(n_starts, int) or n_starts < 0:
        raise ValueError(
            f"The dbt variable contagion_starts is {n_starts!r}; expected a whole number of "
            "enterprises, such as 20; 0 for none."
        )
    net = network(enterprises, exposures)
    at_worst = warned.filter(pc.equal(warned["level_rank"], pc.max(levels["level_rank"])))[
        "enterprise_key"
    ]
    start = np.zeros(len(net.keys), dtype=bool)
    start[_places(at_worst, pa.array(net.keys, pa.string()))] = True
    rows = [*_scenario(net, WORST_LEVEL, None, start, threshold)]
    order = np.argsort(-net.owed, kind="stable")  # of equal ones the first key
    for place in order[:n_starts]:
        if net.owed[place] > 0:
            start = np.zeros(len(net.keys), dtype=bool)
            start[place] = True
            rows += _scenario(net, SINGLE, net.keys[place], start, threshold)
    origins = set(enterprises["data_origin"].to_pylist())
    origin = "synthetic" if "synthetic" in origins else "user"
    return pa.Table.from_pylist([row | {"data_origin": origin} for row in rows], SCENARIOS)


def _scenario(
    net: Network, scenario: str, key: str | None, start: Flags, threshold: float
) -> Iterator[dict[str, Any]]:
    impact = net.loss.copy()
    impact.data = np.minimum(1, impact.data)
    for method, spread in (
        (DEBT_RANK, debt_rank(impact, start)),
        (CASCADE, threshold_cascade(net.loss, start, threshold)),
    ):
        yield {
            "scenario": scenario,
            "method": method,
            "start": key,
            "start_enterprises": int(start.sum()),
            "threshold": threshold if method == CASCADE else None,
            "links": net.links,
            "links_without_amount": net.links_without_amount,
            "links_without_capital": net.links_without_capital,
            **_effect(net, start, spread),
        }


def _effect(net: Network, start: Flags, spread: Spread) -> dict[str, Any]:
    """Sum up the distress of all enterprises besides the starts."""
    others = np.where(start, 0, spread.distress)
    total = float(np.nansum(net.capital))
    distressed = float(np.nansum(others * net.capital))
    return {
        "affected": int((others > 0).sum()),
        "distressed_capital": distressed,
        "share_of_capital": distressed / total if total else None,
        "rounds": spread.rounds,
    }

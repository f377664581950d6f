"""Synthetic seed of the neighbours: guarantees, shareholdings and supplies between enterprises.

No link here is real; both ends are synthetic enterprises. From the project's root:

    python -m synthetic.links     writes seeds/enterprises/synthetic_enterprise_links.csv

Rates, amounts and the shape of the network are chosen by us: two guarantee circles, one guarantor
with many debtors, and otherwise links at random. Outside the two circles every guarantee goes from
an earlier to a later enterprise of a random order, so there is no third circle.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from synthetic.enterprises import link_consents
from synthetic.provinces import random_stream

CIRCLES = (
    ((0, 1), (1, 2), (2, 3), (3, 0), (1, 3)),
    ((4, 5), (5, 6), (6, 4)),
)
"""Guarantees (from, to) within each circle, by the position in the random order."""
IN_CIRCLES = 7
GUARANTOR_DEBTORS = 60
GUARANTEES, OF_CIRCLES, HOLDINGS, SUPPLIES = 140, 30, 140, 420
"""Random links of each kind; guarantees of members of circles for others besides."""
SUPPLIES_OF_RELATED = 60
"""Supplies between the two ends of a guarantee or a shareholding, in either direction."""

FIRST_KNOWN = np.datetime64("2018-12-05")
"""No link is known earlier: consents begin on 1 December 2018."""
WITHOUT_AMOUNT = 0.08
ENDED = 0.12

COLUMNS = [
    "from_enterprise_id",
    "to_enterprise_id",
    "kind",
    "amount",
    "share",
    "valid_from",
    "valid_to",
    "known_at",
]


def links(table: pd.DataFrame) -> pd.DataFrame:
    """Generate the links, ordered by the time at which they became known.

    Args:
        table: The synthetic enterprises, registered_capital as a number.

    Returns:
        A row per link with the columns `COLUMNS`, all text, empty where absent.

    """
    rng = random_stream("enterprise links")
    consented = table.enterprise_id.isin(_early_consents(table)).to_numpy()
    order = rng.permutation(len(table))
    order = np.concatenate([order[consented[order]], order[~consented[order]]])
    rows = [*_in_circles(rng, table, order), *_others(rng, table, order)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.drop_duplicates(["from_enterprise_id", "to_enterprise_id", "kind"])
    return frame.sort_values([COLUMNS[-1], *COLUMNS[:3]])


def _early_consents(table: pd.DataFrame) -> pd.Series:
    consents = link_consents(table)
    return consents.enterprise_id[consents.granted_at < pd.Timestamp(FIRST_KNOWN)]


def _in_circles(
    rng: np.random.Generator, table: pd.DataFrame, order: np.ndarray
) -> Iterator[dict[str, str]]:
    for pairs in CIRCLES:
        for a, b in pairs:
            yield _row(rng, table, order[a], order[b], "guarantee", is_lasting=True)


def _others(
    rng: np.random.Generator, table: pd.DataFrame, order: np.ndarray
) -> Iterator[dict[str, str]]:
    n = len(order)
    guarantor = IN_CIRCLES  # the first after the circles
    pairs = [(guarantor, place) for place in _places(rng, guarantor + 1, n, GUARANTOR_DEBTORS)]
    pairs += [
        sorted(rng.choice(np.arange(IN_CIRCLES, n), 2, replace=False)) for _ in range(GUARANTEES)
    ]
    pairs += [
        (int(rng.integers(IN_CIRCLES)), int(rng.integers(IN_CIRCLES, n))) for _ in range(OF_CIRCLES)
    ]
    related = [(order[a], order[b]) for a, b in pairs]
    for a, b in related:
        yield _row(rng, table, a, b, "guarantee")
    holdings = [tuple(rng.choice(n, 2, replace=False)) for _ in range(HOLDINGS)]
    for a, b in holdings:
        yield _row(rng, table, a, b, "shareholding")
    related += holdings
    for place in rng.choice(len(related), SUPPLIES_OF_RELATED, replace=False):
        a, b = related[place] if rng.random() < 0.5 else related[place][::-1]
        yield _row(rng, table, a, b, "supply")
    for _ in range(SUPPLIES - SUPPLIES_OF_RELATED):
        a, b = rng.choice(n, 2, replace=False)
        yield _row(rng, table, a, b, "supply")


def _places(rng: np.random.Generator, first: int, end: int, n: int) -> list[int]:
    return sorted(int(place) for place in rng.choice(np.arange(first, end), n, replace=False))


def _row(
    rng: np.random.Generator,
    table: pd.DataFrame,
    a: int,
    b: int,
    kind: str,
    *,
    is_lasting: bool = False,
) -> dict[str, str]:
    """Draw a link from the enterprise in row a to that in row b."""
    capital = table.registered_capital.to_numpy(dtype=float)
    begins = np.datetime64("2016-01-01") + rng.integers(0, 6 * 365)
    if is_lasting:
        begins = np.datetime64("2018-01-01") + rng.integers(0, 300)
    ends = begins + rng.integers(200, 1500)
    known = max(begins + rng.integers(0, 60), FIRST_KNOWN + rng.integers(0, 40))
    base = min(capital[a], capital[b])
    scale = {"guarantee": 0.25, "shareholding": 0.15, "supply": 0.04}[kind]
    amount = round(float(base * scale * rng.lognormal(0, 0.8)), -2)
    share = round(float(rng.uniform(0.02, 0.3)), 3) if kind == "shareholding" else None
    has_amount = is_lasting or rng.random() >= WITHOUT_AMOUNT
    has_end = not is_lasting and rng.random() < ENDED
    return {
        "from_enterprise_id": table.enterprise_id.iloc[a],
        "to_enterprise_id": table.enterprise_id.iloc[b],
        "kind": kind,
        "amount": f"{amount:.0f}" if has_amount else "",
        "share": "" if share is None else f"{share:g}",
        "valid_from": str(begins),
        "valid_to": str(ends) if has_end else "",
        "known_at": str(known),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the synthetic seed of the links."""
    parser = argparse.ArgumentParser(
        prog="python -m synthetic.links",
        description="Generate the synthetic links between enterprises, from the project's root.",
    )
    parser.add_argument("--out", type=Path, default=Path("seeds/enterprises"))
    options = parser.parse_args(arguments)
    table = pd.read_csv("seeds/enterprises/synthetic_enterprises.csv", dtype=str)
    links(table).to_csv(
        options.out / "synthetic_enterprise_links.csv", index=False, lineterminator="\n"
    )


if __name__ == "__main__":
    main()

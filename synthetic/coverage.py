"""Synthetic seeds of the coverage: records of data sources, and ratings by region.

No source, agency or rating here is real. Banks have had data on about half of the enterprises for a
long time; alternative sources spread over the three years. The grades of one enterprise follow one
latent quality, with independent errors by region and agency. Shares, speeds and errors were chosen
by us and fitted to no published value. From the project's root, after synthetic.enterprises:

    python -m synthetic.coverage     writes seeds/enterprises/synthetic_*.csv

Arrays have a row per enterprise, shape (n,).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from synthetic.provinces import random_stream

START, END = np.datetime64("2019-01-01"), np.datetime64("2022-01-01")
DAYS = int((END - START).astype(int))


@dataclass(frozen=True)
class Source:
    """A data source.

    Attributes:
        kind: bank or alternative.
        before: Share of the enterprises with data before 2019.
        during: Share of the others of which the source gets data from 2019 to 2021.
        ended: Share of the records that end in these years.

    """

    kind: str
    before: float
    during: float
    ended: float


SOURCES = {
    "synthetic credit registry": Source("bank", 0.45, 0.15, 0.05),
    "synthetic bank group": Source("bank", 0.15, 0.05, 0.10),
    "synthetic utility": Source("alternative", 0.15, 0.35, 0.05),
    "synthetic tax platform": Source("alternative", 0.10, 0.30, 0.02),
    "synthetic logistics platform": Source("alternative", 0.05, 0.15, 0.20),
}
RENEWED = 0.2
"""Share of the ended records that a later record of the same source, which overlaps, prolongs."""

SCALE = "nine_grades"
GRADES = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C")
REGIONS = {"31": 0.8, "3301": 0.5, "4403": 0.5}
"""Share of the enterprises that an agency rates, by region: Shanghai, Hangzhou and Shenzhen."""
AGENCIES = {"Synthetic Agency A": 0.5, "Synthetic Agency B": 0.9}
"""Standard deviation of an agency's error, in notches."""
QUALITY_MEAN, QUALITY_SD = 4.0, 1.6
CHANGE_SD = 0.6
"""Standard deviation of the change of the quality in a year, in notches."""
YEARS = (2019, 2020, 2021)
RATED_IN_YEAR = 0.6


def coverage_records(enterprises: pd.DataFrame) -> pd.DataFrame:
    """Draw a row per enterprise, source and period with data; last_day is empty if it lasts."""
    found = []
    n = len(enterprises)
    for name, source in SOURCES.items():
        rng = random_stream(f"coverage by {name}")
        early = rng.random(n) < source.before
        late = ~early & (rng.random(n) < source.during)
        first = np.where(
            early, START - rng.integers(1, 2500, n), START + rng.integers(0, DAYS - 1, n)
        )
        begin = np.maximum(first, START)
        last = begin + (rng.random(n) * (END - begin).astype(int)).astype(int)
        ends = rng.random(n) < source.ended
        renewed = ends & (rng.random(n) < RENEWED)
        first_renewed = np.maximum(first, last - 30)
        for rows, firsts, lasts in (
            (early | late, first, np.where(ends, last.astype(str), "")),
            ((early | late) & renewed, first_renewed, np.full(n, "")),
        ):
            found.append(
                pd.DataFrame(
                    {
                        "enterprise_id": enterprises.enterprise_id,
                        "source": name,
                        "kind": source.kind,
                        "first_day": firsts.astype(str),
                        "last_day": lasts,
                    }
                )[rows]
            )
    return pd.concat(found).sort_values(["enterprise_id", "source", "first_day"], kind="stable")


def ratings(enterprises: pd.DataFrame) -> pd.DataFrame:
    """Draw a row per rating: at most one a year by each agency in each region."""
    n = len(enterprises)
    rng = random_stream("quality of enterprises")
    quality = QUALITY_MEAN + QUALITY_SD * rng.standard_normal(n)
    found = []
    for year in YEARS:
        quality = quality + CHANGE_SD * rng.standard_normal(n)
        for region, share in REGIONS.items():
            for agency, error in AGENCIES.items():
                # The same enterprises in every year.
                clients = random_stream(f"clients of {agency} in {region}").random(n) < share
                own = random_stream(f"ratings of {agency} in {region}, {year}")
                rated = clients & (own.random(n) < RATED_IN_YEAR)
                noise = error * own.standard_normal(n)
                notch = np.clip(np.rint(quality + noise), 1, len(GRADES)).astype(int)
                day = np.datetime64(f"{year}-01-01") + own.integers(0, 365, n)
                found.append(
                    pd.DataFrame(
                        {
                            "enterprise_id": enterprises.enterprise_id,
                            "agency": agency,
                            "region": region,
                            "grade": np.array(GRADES)[notch - 1],
                            "rated_at": day.astype(str),
                            "scale": SCALE,
                        }
                    )[rated]
                )
    return pd.concat(found).sort_values(["rated_at", "enterprise_id", "agency"], kind="stable")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the synthetic seeds of the coverage."""
    parser = argparse.ArgumentParser(
        prog="python -m synthetic.coverage",
        description="Generate the synthetic coverage and ratings, from the project's root.",
    )
    parser.add_argument("--out", type=Path, default=Path("seeds/enterprises"))
    options = parser.parse_args(arguments)
    enterprises = pd.read_csv("seeds/enterprises/synthetic_enterprises.csv", dtype=str)
    for name, frame in (
        ("coverage_records", coverage_records(enterprises)),
        ("ratings", ratings(enterprises)),
    ):
        frame.to_csv(options.out / f"synthetic_{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

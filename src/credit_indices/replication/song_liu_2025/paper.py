"""Numbers of Song & Liu (2025) and of its sample, and checks that several sections need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan, nan, sqrt

import pandas as pd

from credit_indices.replication.claims import Check, check
from credit_indices.replication.intervals import (
    Interval,
    Numbers,
    at_most,
    below,
    corners,
    equal,
    numbers_in,
)

PAPER = "song_liu_2025"


CRITICAL_T = 2.756
"""Two-sided 1 % point of Student's t with 31 - 2 degrees of freedom, from the tables."""


NORTHEAST = ("21", "22", "23")
"""Liaoning, Jilin and Heilongjiang: a region of its own in the division of the National Bureau of
Statistics of 13 June 2011 (stats.gov.cn/tjzs/t20110613_402731597.htm)."""


CRITICAL_Z = {0: 0.0, 1: 1.644854, 2: 1.959964, 3: 2.575829}
"""Two-sided points of the normal distribution by stars: lower bounds of those of Student's t."""


STOCK_YOGO = 16.38
"""Critical value of F by Stock and Yogo (2005), table 2: one instrument, size of at most 10 %."""


@dataclass(frozen=True)
class Published:
    """The paper's numbers by the code of their row. Explanations may use all of them."""

    stated: dict[str, float]
    """Numbers of the running text, by claim."""
    weight: Numbers
    """Table 1, by indicator."""
    observations: pd.Series
    """Table 2, by variable; also the fields up to `correlation`."""
    mean: Numbers
    sd: Numbers
    minimum: Numbers
    maximum: Numbers
    east_mean: Numbers
    west_mean: Numbers
    cv: Numbers
    correlation: Numbers
    b: Numbers
    """Coefficients of Tables 3 and 4 and of the text; also the fields up to `in_table_3`."""
    se: Numbers
    t: Numbers
    p: Numbers
    stars: pd.Series
    in_table_3: pd.Series
    before: Numbers
    """Table 5, by indicator: 2019; also the fields up to `attributed_to`."""
    after: Numbers
    change: Numbers
    simulated: Numbers
    attributed_to: pd.Series
    sources: pd.Series
    """Table 1, by indicator: the source of its data."""
    warnings: pd.DataFrame
    """Table 6, by level."""
    text: Numbers
    """Numbers of the running text, by code."""
    external: Numbers
    """Numbers of other publishers, by code."""

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> Published:
        """Read the seeds of the paper, by their names without its prefix."""
        claims, table_1 = tables["claims"], tables["table_1"].set_index("indicator_code")
        table_2 = tables["table_2"].set_index("variable_code")
        coefficients = tables["coefficients"].set_index("coefficient_code")
        table_5 = tables["table_5"].set_index("measure_code")
        codes = claims["claim_code"].str.removeprefix(f"{PAPER}_")

        def characteristic(column: str) -> Numbers:
            return numbers_in(table_2, column, "characteristics_decimals")

        def of_suzhou(column: str) -> Numbers:
            return numbers_in(table_5, column, f"{column}_decimals")

        return cls(
            stated=dict(zip(codes, claims["stated"], strict=True)),
            weight=numbers_in(table_1, "weight_percent", "weight_decimals"),
            observations=table_2["observations"],
            mean=numbers_in(table_2, "mean"),
            sd=numbers_in(table_2, "standard_deviation"),
            minimum=numbers_in(table_2, "minimum"),
            maximum=numbers_in(table_2, "maximum"),
            east_mean=characteristic("east_mean"),
            west_mean=characteristic("west_mean"),
            cv=characteristic("coefficient_of_variation"),
            correlation=characteristic("correlation_with_scdbi"),
            b=numbers_in(coefficients, "coefficient"),
            se=numbers_in(coefficients, "standard_error"),
            t=numbers_in(coefficients, "t_value"),
            p=numbers_in(coefficients, "p_value", "p_decimals"),
            stars=coefficients["stars"].fillna("").str.len(),
            in_table_3=coefficients["table_ref"] == "Table 3",
            before=of_suzhou("value_2019"),
            after=of_suzhou("value_2023"),
            change=of_suzhou("change"),
            simulated=of_suzhou("simulated"),
            attributed_to=table_5["explanation"],
            sources=table_1["source_of_data"],
            warnings=tables["table_6"].set_index("level_code"),
            text=numbers_in(tables["text"].set_index("number_code"), "value"),
            external=numbers_in(tables["external"].set_index("source_code"), "value"),
        )


@dataclass(frozen=True)
class Sample:
    """The provinces and years of the official data (section 4.1)."""

    n: int
    n_provinces: int
    n_years: int
    n_east: int
    n_central: int
    n_west: int
    n_northeast: int
    n_northeast_in_east: int

    @classmethod
    def of(cls, nbs: pd.DataFrame, units: pd.DataFrame) -> Sample:
        """Count in raw.nbs and catalog.units."""
        provinces = units[units["unit_id"].isin(nbs["province_code"])]
        regions = provinces["region"].value_counts()
        n_provinces, n_years = nbs["province_code"].nunique(), nbs["year"].nunique()
        in_regions = (int(regions[region]) for region in ("east", "central", "west"))
        northeast = provinces[provinces["unit_id"].isin(NORTHEAST)]
        n_in_east = int((northeast["region"] == "east").sum())
        return cls(len(nbs), n_provinces, n_years, *in_regions, len(northeast), n_in_east)

    @property
    def n_all(self) -> int:
        """Provinces of all regions."""
        return self.n_east + self.n_rest

    @property
    def n_rest(self) -> int:
        """Provinces outside the east."""
        return self.n_central + self.n_west

    @property
    def n_east_since_2011(self) -> int:
        """Eastern provinces in the Bureau's division of 2011, in which the northeast is apart."""
        return self.n_east - self.n_northeast_in_east

    @property
    def n_central_since_2011(self) -> int:
        """Central provinces in the Bureau's division of 2011."""
        return self.n_central - (self.n_northeast - self.n_northeast_in_east)

    def df(self, n_regressors: int) -> int:
        """Residual degrees of freedom of eq. (1), with its province and year effects."""
        return self.n - self.n_provinces - (self.n_years - 1) - n_regressors


def repetition(code: str, published: Interval, elsewhere: Interval) -> Check:
    """Check a number that the paper publishes twice."""
    holds = equal(published.value, elsewhere.value)
    return check(code, published=published, recomputed=elsewhere.value, holds=holds)


def correlation_stars(code: str, rho: Interval, n: int, n_provinces: int) -> Iterator[Check]:
    """Check a correlation's two stars, by the rule of Table 3 and if two are the most.

    By Table 3 two stars are p < 0.05 but not p < 0.01. The second rule has two for p < 0.01.
    """

    def t_of(rows: int) -> Interval:
        return corners(lambda r: r * sqrt((rows - 2) / (1 - r * r)), rho)

    t_provinces = t_of(n_provinces)
    values = {"n": n, "n_provinces": n_provinces, "critical_t": CRITICAL_T}
    values["t_provinces"] = t_provinces
    holds = below(t_provinces.low, CRITICAL_T)
    yield check(code, recomputed=t_of(n), holds=holds, **values)
    holds = at_most(CRITICAL_T, t_provinces.high)
    yield check(f"{code}_of_one_percent", recomputed=t_of(n), holds=holds, **values)


def largest(numbers: list[float]) -> float:
    """Return the largest number that is not missing, else nan."""
    return max((number for number in numbers if not isnan(number)), default=nan)


def or_nan(divisor: float) -> float:
    """Return the divisor, nan for zero."""
    return divisor if divisor else nan

"""Song & Liu (2025), on the social credit big data development index (SCDBI) and financial risk.

One function per table or section of the paper, https://doi.org/10.1145/3771792.3773849. `Published`
reads the paper's numbers once; every function checks some of them. If a published number is
missing, the claims about it cannot be checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp, floor, isnan, log, nan, sqrt

import numpy as np
import pandas as pd

from credit_indices.replication.claims import Check, agreement, check, rounded
from credit_indices.replication.intervals import (
    MISSING,
    Interval,
    Numbers,
    all_of,
    at_most,
    below,
    between,
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


def checks(
    paper: Published,
    nbs: pd.DataFrame,
    land_area: pd.DataFrame,
    units: pd.DataFrame,
    digital_economy: pd.DataFrame,
    divergences: pd.DataFrame,
    t_tests: pd.DataFrame,
) -> Iterator[Check]:
    """Check the claims of the paper.

    Args:
        paper: the paper's numbers.
        nbs: raw.nbs, official data of the provinces in 2011-2020.
        land_area: raw.nbs_land_area.
        units: catalog.units as shipped.
        digital_economy: published.digital_economy_of_china.
        divergences: of the indicators of Table 1, see `divergence_of`.
        t_tests: stats.published_t_tests.

    """
    sample = Sample.of(nbs, units)
    yield from table_1(paper, divergences)
    yield from entropy_formula(paper, divergences)
    yield from spreads(paper)
    yield from table_2(paper, sample, nbs)
    yield from regional_means(paper, sample)
    yield from logarithm_of_financing(paper, sample)
    yield from gdp_per_capita(paper, nbs, units)
    later = (
        table_3(paper, sample, t_tests),
        stars_of_table_3(paper),
        unit_of_the_index(paper, sample),
        section_4_2(paper),
        table_4_differences(paper),
        table_4_errors(paper),
        table_4(paper, sample),
        section_4_3_1(paper),
        section_4_3_3(paper, sample, density_within(nbs, land_area)),
        table_5(paper),
        suzhou(paper),
        section_5_3(paper),
        section_7_1(paper),
        section_1_1(paper, digital_economy),
        running_text(paper),
        abstract(paper),
        sections_2(paper),
        sections_3_and_4(paper, sample),
        sections_5(paper),
        sections_6(paper),
    )
    for section in later:
        yield from rounded(section, 12)


def table_1(paper: Published, divergences: pd.DataFrame) -> Iterator[Check]:
    """Table 1: five of 23 indicators and their weights by the entropy method."""
    n_printed, n_indicators = len(paper.weight), paper.stated["table_1_number_of_indicators"]
    counts = {"n_printed": n_printed, "n_unprinted": n_indicators - n_printed}
    yield check("table_1_number_of_indicators", published=n_indicators, **counts)
    whole, total = paper.stated["table_1_weights_sum"], sum(paper.weight.values())
    yield agreement("table_1_weights_sum", whole, total)
    left = (whole - total).map(lambda x: round(x, 9))  # The sum is off 100 in the last bit.
    holds = left.overlaps(0)
    yield check("table_1_weights_of_dimensions", recomputed=left, holds=holds, **counts)
    n_synthetic = int((divergences["data_origin"] == "synthetic").sum())
    yield check("table_1_other_weights", shipped=divergences, n_synthetic=n_synthetic)

    npl, patents = paper.weight["npl_ratio"], paper.weight["invention_patents_granted"]
    of_patents = divergences["divergence"]["invention_patents_granted"]
    # z = (max - x) / (max - min) has the mean (max - mean) / (max - min) and the standard deviation
    # sd / (max - min), so its coefficient of variation does not depend on the minimum.
    cv = paper.sd["fr"] / (paper.maximum["fr"] - paper.mean["fr"])
    ln_n = log(paper.observations["fr"])
    # Divergence is sum(p ln(p n)) / ln n. By Jensen sum(p ln(p n)) <= ln(sum(p p n)) =
    # ln(1 + cv^2), where cv divides by n (by n - 1 it is larger: the bound holds all the more). To
    # second order in p n - 1 the sum is cv^2 / 2.
    bound, likely = cv.map(lambda x: log(1 + x * x) / ln_n), cv.value**2 / (2 * ln_n)
    weight = bound.map(lambda x: 100 * x / (x + of_patents))
    of_all = 100 * bound.high / npl.low
    yield check(
        "table_1_npl_weight",
        published=npl,
        recomputed=weight,
        holds=at_most(npl.low, weight.high),
        npl_cv=cv,
        npl_divergence=likely,
        npl_bound=bound,
        npl_total=of_all,
        npl_total_likely=100 * likely / npl.value,
        npl_others=of_all - bound.high,
        patents_needed=bound.high * patents.high / npl.low,
        shipped=divergences,
    )


def entropy_formula(paper: Published, divergences: pd.DataFrame) -> Iterator[Check]:
    """Section 3.1.2: the entropy without its minus sign."""
    n = int(paper.observations["fr"])
    # For n equal shares: sum(p ln p) / ln n = ln(1 / n) / ln n.
    entropy = log(1 / n) / log(n)
    yield check(
        "entropy_formula",
        recomputed=entropy,
        holds=0 <= entropy <= 1,
        equal_shares_divergence=1 - entropy,
        shipped=divergences,
        patents_as_printed=2 - divergences["divergence"]["invention_patents_granted"],
        # As published, 1 - e lies between 1 and 2; the smallest share is that of a 1 among 2s.
        smallest_as_printed=100 / (1 + 2 * (len(paper.weight) - 1)),
        smallest_weight=min(weight.value for weight in paper.weight.values()),
    )
    holds = 0 <= -entropy <= 1
    yield check("entropy_formula_with_minus", recomputed=-entropy, holds=holds, shipped=divergences)


def spreads(paper: Published) -> Iterator[Check]:
    """Table 2: standard deviations, each with its bounds given mean, minimum and maximum."""
    n = int(paper.observations.max())
    for variable in ("fr", "scdbi", "pgdp", "fin"):
        sd, moments = paper.sd[variable], (paper.mean, paper.minimum, paper.maximum)
        least, most = spread_bounds(*(of[variable] for of in moments), n)
        holds = between(least, sd.value, most)
        yield check(
            f"table_2_{variable}_spread", published=sd, bounds=(least, most), holds=holds, n=n
        )


def spread_bounds(
    mean: Interval, minimum: Interval, maximum: Interval, n: int
) -> tuple[float, float]:
    """Return bounds of the standard deviation of n values, which divides by n - 1.

    Both bounds are convex or concave in the mean with their optimum halfway between the ends, and
    monotonic in the ends.
    """
    # One value at each end, the others at the one value that keeps the mean.
    a, b = minimum.high, maximum.low
    m = min(max((a + b) / 2, mean.low), mean.high)
    least = sqrt(((m - a) ** 2 + (b - m) ** 2 + (a + b - 2 * m) ** 2 / (n - 2)) / (n - 1))
    # Bhatia and Davis (2000): all values at the ends.
    a, b = minimum.low, maximum.high
    m = min(max((a + b) / 2, mean.low), mean.high)
    return least, sqrt((b - m) * (m - a) * n / (n - 1))


def table_2(paper: Published, sample: Sample, nbs: pd.DataFrame) -> Iterator[Check]:
    """Table 2: the number of observations, and scores computed as weights times shares."""
    n, n_cells = int(paper.observations.max()), sample.n_provinces * sample.n_years
    n_official = int(nbs["gdp_per_capita_yuan"].notna().sum())
    yield check(
        "table_2_observations",
        published=n,
        recomputed=n_cells,
        holds=bool((paper.observations == n_cells).all()) and n_official == n_cells,
        n_official=n_official,
    )
    mean, least, largest = (of["scdbi"] for of in (paper.mean, paper.minimum, paper.maximum))
    sums_to_one = mean.overlaps(1 / n)
    yield check(
        "table_2_scdbi_mean", published=mean, recomputed=1 / n, bounds=mean, holds=sums_to_one, n=n
    )
    smallest_maximum = 1 / paper.stated["table_1_number_of_indicators"]
    holds = all_of(sums_to_one, below(largest.high, smallest_maximum))
    yield check("table_2_scdbi_of_shares", holds=holds, smallest_maximum=smallest_maximum)
    within = at_most(0, least.value), at_most(largest.value, paper.stated["table_2_scdbi_range"])
    yield check("table_2_scdbi_range", holds=all_of(*within))


def regional_means(paper: Published, sample: Sample) -> Iterator[Check]:
    """Table 2, data characteristics of FR: its means in the regions."""
    mean, east, west = (of["fr"] for of in (paper.mean, paper.east_mean, paper.west_mean))
    of_east, of_west = east * sample.n_east, west * sample.n_west
    central = (mean * sample.n_all - of_east - of_west) / sample.n_central
    n_east, n_others = (
        sample.n_east_since_2011,
        sample.n_all - sample.n_east_since_2011 - sample.n_west,
    )
    since_2011 = (mean * sample.n_all - east * n_east - of_west) / n_others
    lies_between = (
        all_of(at_most(others.low, west.value), at_most(east.value, others.high))
        for others in (central, since_2011)
    )
    yield check(
        "table_2_fr_regions_three",
        recomputed=central,
        holds=all_of(*lies_between),
        sample=sample,
        since_2011=since_2011,
    )
    both = (of_east + west * sample.n_rest) / sample.n_all
    not_east = (mean * sample.n_all - of_east) / sample.n_rest
    yield agreement("table_2_fr_regions_two", mean, both, not_east=not_east, sample=sample)


def logarithm_of_financing(paper: Published, sample: Sample) -> Iterator[Check]:
    """Table 2, FIN: its minimum, and its correlation with SCDBI."""
    mean, sd, minimum = (of["fin"] for of in (paper.mean, paper.sd, paper.minimum))
    n = int(paper.observations.max())
    # Samuelson, for the standard deviation that divides by n - 1; all but one at the minimum.
    most_deviations = (n - 1) / sqrt(n)
    least, most = mean.low - sd.high * most_deviations, mean.high - sd.low / sqrt(n)
    distance = mean.value - minimum.value
    yield check(
        "table_2_fin_minimum",
        published=minimum,
        bounds=(least, most),
        holds=between(least, minimum.value, most),
        n=n,
        most_deviations=most_deviations,
        deviations=distance / sd.value,
        ratio=exp(distance),
        share=100 * distance**2 / ((n - 1) * sd.value**2),
    )
    rho = paper.correlation["fin"]
    yield check("table_2_fin_correlation", published=rho)
    yield from correlation_stars("table_2_fin_correlation_stars", rho, n, sample.n_provinces)


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


def gdp_per_capita(paper: Published, nbs: pd.DataFrame, units: pd.DataFrame) -> Iterator[Check]:
    """Table 2, PGDP: compared with official data, as first published and with revised GDP."""
    official = nbs["gdp_per_capita_yuan"]
    population = nbs["gdp_as_published_100m_yuan"] / official
    revised = nbs["gdp_revised_100m_yuan"] / population
    names = units.set_index("unit_id")["name_en"]
    printed = {"mean": paper.mean, "std": paper.sd, "min": paper.minimum, "max": paper.maximum}
    for statistic, numbers in printed.items():
        published, recomputed = numbers["pgdp"], official.agg(statistic)
        where = nbs[official == recomputed]
        yield check(
            f"table_2_pgdp_{'sd' if statistic == 'std' else statistic}",
            published=published,
            recomputed=recomputed,
            bounds=published,
            holds=published.overlaps(recomputed),
            difference=100 * (recomputed - published.value) / published.value,
            revised=revised.agg(statistic),
            where=[f"{names[row.province_code]} in {row.year}" for row in where.itertuples()],
        )
    cv, official_cv = paper.cv["pgdp"], official.std() / official.mean()
    pooled = paper.sd["pgdp"] / paper.mean["pgdp"]
    yield agreement("table_2_pgdp_variation_pooled", cv, pooled, official_cv=official_cv)

    years, in_2020 = official.groupby(nbs["year"]), nbs["year"] == 2020
    of_years, dividing_by_n = years.std() / years.mean(), years.std(ddof=0) / years.mean()
    x, weights = official[in_2020], population[in_2020]
    weighted = np.average(x, weights=weights)
    variance = np.average(x**2, weights=weights) - weighted**2
    yield check(
        "table_2_pgdp_variation_2020",
        published=cv,
        recomputed=of_years[2020],
        bounds=cv,
        holds=cv.overlaps(of_years[2020]),
        cv_2020_population=dividing_by_n[2020],
        cv_2020_weighted=sqrt(variance) / weighted,
        cv_smallest=of_years.min(),
        cv_smallest_population=dividing_by_n.min(),
        cv_largest=of_years.max(),
    )


def table_3(paper: Published, sample: Sample, t_tests: pd.DataFrame) -> Iterator[Check]:
    """Table 3: coefficients, errors, t and p, and the degrees of freedom that fit them."""
    n_tests, clustered = len(paper.p), sample.n_provinces - 1
    df = sample.df(n_tests)
    tests = t_tests.set_index(["coefficient_code", "df"])
    agreeing = t_tests[t_tests["agrees"]]
    fitting = agreeing.groupby("coefficient_code")["df"].agg(["min", "max"])
    for variable in ("scdbi", "pgdp", "fin", "rd", "gov"):
        code = f"table_3_{variable}"
        b, se, t, p = (of[code] for of in (paper.b, paper.se, paper.t, paper.p))
        yield agreement(f"{code}_t", t, b / se, own={"b": b, "se": se, "t": t})
        ends = fitting.loc[code] if code in fitting.index else {"min": nan, "max": nan}
        yield agreement(f"{code}_p", p, _p_value(tests, code, df), df=df, fitting=ends)

    together = agreeing.groupby("df").size()
    together = list(together[together == n_tests].index) if n_tests else []
    df_from, df_to = min(together, default=nan), max(together, default=nan)
    yield check(
        "table_3_degrees_of_freedom",
        recomputed=df,
        bounds=(df_from, df_to),
        holds=between(df_from, df, df_to),
        df=df,
        sample=sample,
        n_tests=n_tests,
        df_clustered=clustered,
        pgdp_p_clustered=_p_value(tests, "table_3_pgdp", clustered),
    )
    with_fewer = {
        "province": df + sample.n_years - 1,
        "year": df + sample.n_provinces - 1,
        "none": df + sample.n_years + sample.n_provinces - 2,
    }
    yield check(
        "section_3_2_two_way",
        recomputed=df,
        bounds=(df_from, df_to),
        holds=between(df_from, df, df_to),
        with_fewer=with_fewer,
    )
    t = paper.t["table_3_scdbi"].value
    explained = 100 * t * t / (t * t + df)
    yield check("table_3_r_squared", published=paper.text["r_squared"], df=df, explained=explained)
    scdbi_p, significance = _p_value(tests, "table_3_scdbi", df), paper.text["significance"]
    same = equal(abs(paper.b["table_3_scdbi"]).value, paper.text["effect_per_unit"].value)
    yield check(
        "abstract_significance",
        published=significance,
        recomputed=scdbi_p,
        holds=all_of(below(scdbi_p.high, significance.value), same),
        df=df,
        df_clustered=clustered,
        p_clustered=_p_value(tests, "table_3_scdbi", clustered),
    )


def stars_of_table_3(paper: Published) -> Iterator[Check]:
    """Table 3: three stars for p < 0.01 (abstract), two for p < 0.05, one for p < 0.1."""
    due = {code: sum(p.value < level for level in (0.01, 0.05, 0.1)) for code, p in paper.p.items()}
    n_different = sum(paper.stars[code] != stars for code, stars in due.items()) if due else nan
    holds = equal(n_different, 0)
    yield check("table_3_stars", recomputed=n_different, holds=holds, n_tests=len(due))


def unit_of_the_index(paper: Published, sample: Sample) -> Iterator[Check]:
    """Table 3: possible meanings of "1 unit" of SCDBI, given the moments of Table 2."""
    df, se, r_squared = sample.df(len(paper.p)), paper.se["table_3_scdbi"], paper.text["r_squared"]
    fr_sd, scdbi_sd = paper.sd["fr"], paper.sd["scdbi"]
    # The error of the residuals over the spread of the index.
    smallest_error = ((1 - r_squared) / df).map(sqrt) * fr_sd / scdbi_sd
    effect = abs(paper.b["table_3_scdbi"]) * paper.maximum["scdbi"]
    needed = 1 - df * (se.high * scdbi_sd.high / fr_sd.low) ** 2
    for unit, per_score in (("score", 1), ("hundredth", 100)):
        error = smallest_error / per_score
        yield check(
            f"table_3_unit_of_{unit}",
            published=se,
            recomputed=error,
            holds=at_most(error.low, se.high),
            df=df,
            r_squared_needed=needed,
            largest_effect=per_score * effect,
        )
    b, se, sd = (
        of[code]
        for of, code in ((paper.b, "table_3_pgdp"), (paper.se, "table_3_pgdp"), (paper.sd, "pgdp"))
    )
    error = ((1 - r_squared) / df).map(sqrt) * fr_sd / sd
    # A classical error is the smallest one over sqrt(share of the regressor's variance that the
    # others leave unexplained). They leave at least the rounding of GDP per capita to whole yuan.
    unexplained = (error / se).map(lambda x: x * x)
    rounding = (1 / sd).map(lambda x: x * x / 12)
    yield check(
        "table_3_pgdp_unit_of_yuan",
        recomputed=abs(b) * sd,
        holds=at_most(rounding.low, unexplained.high),
        unexplained=unexplained,
        rounding=rounding,
    )
    error = error * 10_000
    yield check(
        "table_3_pgdp_unit_of_ten_thousand_yuan",
        published=se,
        recomputed=error,
        holds=at_most(error.low, se.high),
        effect=abs(b) * sd / 10_000,
        df=df,
    )


def section_4_2(paper: Published) -> Iterator[Check]:
    """Section 4.2: effects of GDP per capita and financial development compared with SCDBI."""
    yield check("section_4_2_hypothesis")
    scdbi, *controls = (paper.b[f"table_3_{name}"] for name in ("scdbi", "pgdp", "fin"))
    negative = (below(b.high, 0) for b in (scdbi, *controls))
    smaller = (below(abs(b).high, abs(scdbi).low) for b in controls)
    yield check("section_4_2_smaller_coefficients", holds=all_of(*negative, *smaller))
    fin = abs(paper.b["table_3_fin"]) * paper.sd["fin"]
    score = abs(paper.b["table_3_scdbi"]) * paper.sd["scdbi"]
    of_a_deviation = {"fin": fin, "score": score, "hundredth": 100 * score}
    yield check("section_4_2_weaker", of_a_deviation=of_a_deviation)


VARIABLES_OF_TABLE_4 = ("scdbi", "pgdp", "fin")


def _table_4(paper: Published, variable: str) -> tuple[Interval, Interval, Interval]:
    """Return the coefficients of a variable in the whole sample, the east and the rest."""
    codes = (f"table_{name}_{variable}" for name in ("3", "4_east", "4_central_west"))
    whole, east, rest = (paper.b[code] for code in codes)
    return whole, east, rest


def table_4_differences(paper: Published) -> Iterator[Check]:
    """Table 4: whether the coefficients of the regions differ, with the errors of Table 3."""
    for variable in VARIABLES_OF_TABLE_4:
        _, east, rest = _table_4(paper, variable)
        # At least 2 x the error of the whole: docs/methods/published_claims.md.
        t = abs(east - rest) / (2 * paper.se[f"table_3_{variable}"])
        holds = at_most(CRITICAL_Z[1], t.high)
        # Residual variance of the whole sample over that of its parts at which the difference is
        # significant.
        needed = (CRITICAL_Z[1] / _or_nan(t.high)) ** 2
        yield check(
            f"table_4_{variable}_difference",
            recomputed=t,
            holds=holds,
            critical_z=CRITICAL_Z[1],
            ratio_needed=needed,
        )
    for variable in ("scdbi", "pgdp"):
        _, east, rest = _table_4(paper, variable)
        more = abs(rest) - abs(east)
        yield check(f"table_4_{variable}_direction", recomputed=more, holds=below(0, more.low))
    _, east, rest = _table_4(paper, "fin")
    peak = abs(east) - abs(rest)
    yield check("table_4_fin_peak", recomputed=peak, holds=at_most(peak.low, 0))


def table_4_errors(paper: Published) -> Iterator[Check]:
    """Table 4: bounds of the standard errors, from the stars, in the parts and the whole sample."""
    critical = paper.stars.map(CRITICAL_Z)
    for variable in VARIABLES_OF_TABLE_4:
        _, *parts = _table_4(paper, variable)
        codes = [f"table_4_{part}_{variable}" for part in ("east", "central_west")]
        roots = [critical.get(code, nan) / part for code, part in zip(codes, parts, strict=True)]
        error = paper.se[f"table_3_{variable}"]
        largest = corners(lambda one, other: 1 / sqrt(one**2 + other**2), *roots)
        yield check(
            f"table_4_{variable}_stars",
            published=error,
            recomputed=largest,
            holds=at_most(error.low, largest.high),
            largest_se=[1 / _or_nan(abs(root).low) for root in roots],
            variance_ratio=error.low**2 * sum(abs(root).low ** 2 for root in roots),
        )


def table_4(paper: Published, sample: Sample) -> Iterator[Check]:
    """Table 4: its two parts; coefficients of the whole must lie between those of the parts."""
    n_east, n_rest = paper.text["n_east"].value, paper.text["n_central_west"].value
    holds = all_of(equal(n_east, sample.n_east), equal(n_rest, sample.n_rest))
    yield check(
        "section_4_3_2_provinces",
        published=n_east,
        recomputed=sample.n_east,
        holds=holds,
        sample=sample,
    )
    yield check(
        "section_4_3_2_provinces_since_2011",
        published=n_east,
        recomputed=sample.n_east_since_2011,
        holds=equal(n_east, sample.n_east_since_2011),
        sample=sample,
    )
    lies_between, weight = [], {}
    for variable in VARIABLES_OF_TABLE_4:
        whole, east, rest = (number.value for number in _table_4(paper, variable))
        lies_between.append(at_most((whole - east) * (whole - rest), 0))
        weight[variable] = (rest - whole) / _or_nan(rest - east)
    yield check(
        "table_4_pooled_between",
        holds=all_of(*lies_between),
        weight_of_east=weight,
        share_of_east=n_east / (n_east + n_rest),
    )


def section_4_3_1(paper: Published) -> Iterator[Check]:
    """Section 4.3.1: the dimensions' shares of the total effect."""
    dimensions = ("data_infrastructure", "digital_technology", "policy_coordination")
    infrastructure, technology, policy = (paper.b[f"section_4_3_1_{name}"] for name in dimensions)
    of_two, share = infrastructure + technology, paper.text["share_of_total_effect"]
    recomputed = 100 * of_two / paper.b["table_3_scdbi"]
    yield agreement("section_4_3_1_share_of_table_3", share, recomputed, sum_of_two=abs(of_two))
    others = of_two * (100 / share - 1) - policy
    yield check("section_4_3_1_share_of_all_five", recomputed=others)
    yield check("section_4_3_1_policy", published=policy)


def section_4_3_3(paper: Published, sample: Sample, density_within: float) -> Iterator[Check]:
    """Section 4.3.3: population density as an instrument, and another risk variable."""
    n, df = sample.n, sample.df(int(paper.in_table_3.sum()))
    rho, f = paper.text["instrument_correlation"], paper.text["first_stage_f"]
    yield check("section_4_3_3_correlation", published=rho)
    yield from correlation_stars("section_4_3_3_correlation_stars", rho, n, sample.n_provinces)
    alone = corners(lambda r: r * r * (n - 2) / (1 - r * r), rho)
    yield agreement("section_4_3_3_f_without_controls", f, alone, n=n)
    yield check(
        "section_4_3_3_f_with_controls",
        published=f,
        df=df,
        partial_correlation=sqrt(f.value / (f.value + df)),
        density_within=density_within,
    )
    holds = below(paper.text["first_stage_f_rule"].value, f.low)
    yield check("section_4_3_3_f_above_ten", published=f, bounds=f, holds=holds)
    two_stage = paper.b["section_4_3_3_2sls"]
    distance = abs(two_stage - paper.b["table_3_scdbi"]) / paper.se["table_3_scdbi"]
    holds = below(distance.high, 1)
    yield check("section_4_3_3_two_stage", recomputed=distance, holds=holds)
    # The residuals of the second stage vary at least as much as those of least squares, and the
    # first stage keeps F / (F + df) of the index's variation.
    least_error = paper.se["table_3_scdbi"] * (1 + df / f).map(sqrt)
    t, critical = abs(two_stage) / least_error, CRITICAL_Z[paper.stars.get("section_4_3_3_2sls", 0)]
    largest = abs(two_stage).high / (critical * paper.se["table_3_scdbi"].low)
    yield check(
        "section_4_3_3_two_stage_stars",
        recomputed=t,
        holds=at_most(critical, t.high),
        df=df,
        least_error=least_error,
        critical_z=critical,
        f_needed=df / (largest**2 - 1),
    )
    yield check("section_4_3_3_endogeneity", published=two_stage)
    comprehensive = paper.b["section_4_3_3_comprehensive_risk"]
    yield check("section_4_3_3_comprehensive", published=comprehensive)


def density_within(nbs: pd.DataFrame, land_area: pd.DataFrame) -> float:
    """Return the share of the variance of population density within provinces, percent."""
    area = nbs["province_code"].map(land_area.set_index("province_code")["land_area_10k_km2"])
    # Population is GDP over GDP per capita, both as first published.
    density = nbs["gdp_as_published_100m_yuan"] / nbs["gdp_per_capita_yuan"] / area
    mean_density = density.groupby(nbs["province_code"]).transform("mean")
    return 100 * (1 - mean_density.var(ddof=0) / density.var(ddof=0))


def table_5(paper: Published) -> Iterator[Check]:
    """Table 5: Suzhou in 2019 and 2023, changes and simulated changes."""
    indicators = ("credit_coverage", "npl_ratio", "financing_cost")
    rates = {of: 100 * (paper.after[of] / paper.before[of] - 1) for of in indicators}
    for indicator in indicators:
        difference = paper.after[indicator] - paper.before[indicator]
        yield agreement(f"table_5_{indicator}_change", paper.change[indicator], difference)
    deviation = [abs(rates[of].value - paper.change[of].value) for of in indicators]
    allowed = [rates[of].high - rates[of].value + paper.change[of].room for of in indicators]
    yield check(
        "table_5_rate_of_change",
        recomputed=_largest(deviation),
        bounds=(nan, _largest(allowed)),
        holds=all_of(*map(at_most, deviation, allowed)),
        rates=rates,
    )
    for indicator in ("credit_coverage", "financing_cost"):
        change, simulated = paper.change[indicator], paper.simulated[indicator]
        share, left = 100 * simulated / change, change - simulated
        code = f"table_5_{indicator}_simulated"
        yield check(code, published=simulated, share=share, left=left)
    change, simulated = paper.change["credit_coverage"], paper.simulated["credit_coverage"]
    share, of_simulated = 100 * (1 - simulated / change), 100 * (change / simulated - 1)
    yield agreement(
        "table_5_open_data",
        paper.text["open_data_contribution"],
        share,
        left=change - simulated,
        of_simulated=of_simulated,
    )
    contribution = paper.text["open_data_contribution"]
    yield agreement("table_5_open_data_points", contribution, change - simulated)
    left = paper.simulated["npl_ratio"] - paper.change["npl_ratio"]
    yield agreement("table_5_technical_model", paper.text["technical_contribution"], left)


def suzhou(paper: Published) -> Iterator[Check]:
    """Abstract, sections 2.3.1 and 5.3: statements of the text about Table 5."""
    coverage, npl = paper.change["credit_coverage"], paper.change["npl_ratio"]
    attributed = paper.attributed_to.get("npl_ratio")
    names_policies = None if attributed is None else "polic" in attributed.lower()
    left = paper.simulated["npl_ratio"] - npl
    yield check("section_5_3_local_policies", recomputed=left, holds=names_policies)
    explained, reached = 100 * paper.simulated["npl_ratio"] / npl, paper.text["explanatory_power"]
    holds = below(reached.value, explained.high)
    code = "section_5_3_explanatory_power"
    yield check(code, published=reached, recomputed=explained, holds=holds)
    increase = paper.text["coverage_increase"]
    yield agreement("abstract_coverage", increase, coverage)
    cut_off = coverage.map(floor)
    holds = equal(increase.value, cut_off.value)
    code = "abstract_coverage_cut_off"
    yield check(code, published=increase, recomputed=cut_off, holds=holds)
    fall = paper.after["npl_ratio"] - paper.before["npl_ratio"]
    yield agreement("abstract_npl", -paper.text["npl_decrease"], fall)
    claimed, reached = paper.text["credit_coverage_suzhou"], paper.after["credit_coverage"]
    holds = below(claimed.value, reached.high)
    yield check("section_2_3_1_coverage", published=claimed, recomputed=reached, holds=holds)
    holds = at_most(reached.low, claimed.value)
    yield check("section_2_3_1_coverage_as_aim", published=claimed, recomputed=reached, holds=holds)


def section_5_3(paper: Published) -> Iterator[Check]:
    """Section 5.3: effect of the rise of Suzhou's index on its non-performing loan ratio."""
    start, end = paper.text["index_2019"], paper.text["index_2023"]
    # Possible units of the index, with its change in each.
    units = {
        "per unit of the score": end - start,
        "per hundredth": 100 * (end - start),
        "per standard deviation": (end - start) / paper.sd["scdbi"],
        "per 100 %": end / start - 1,
        "per unit of the logarithm": (end / start).map(log),
        "per doubling": (end / start).map(log) / log(2),
    }
    benchmark, simulated = "table_3_scdbi", -paper.text["simulated_decrease"]
    others = ("section_4_3_3_2sls", "section_4_3_3_comprehensive_risk")
    parts = ("table_4_east_scdbi", "table_4_central_west_scdbi")
    effects = {
        code: {reading: paper.b[code] * change for reading, change in units.items()}
        for code in (benchmark, *others, *parts)
    }
    fits = {
        code: {reading: effect.overlaps(simulated) for reading, effect in of_code.items()}
        for code, of_code in effects.items()
    }
    of_benchmark = effects[benchmark]
    yield agreement("section_5_3_simulated", simulated, of_benchmark["per doubling"])
    yield agreement(
        "section_5_3_simulated_per_unit", simulated, of_benchmark["per unit of the score"]
    )
    rest = ("per hundredth", "per standard deviation", "per 100 %", "per unit of the logarithm")
    others_fit = [fits[benchmark][reading] for reading in rest]
    undecided = None in others_fit
    yield check(
        "section_5_3_simulated_other_units",
        published=simulated,
        holds=None if undecided else any(others_fit),
        readings=None if undecided else _listed({name: of_benchmark[name] for name in rest}),
    )
    of_others = [fits[code][reading] for code in (*others, *parts) for reading in units]
    yield check(
        "section_5_3_simulated_other_coefficients",
        published=simulated,
        recomputed=effects[others[0]]["per 100 %"],
        holds=None if None in of_others else any(of_others),
        fits={code: _fitting(of_code) for code, of_code in fits.items()},
    )
    yield check("section_5_3_index", published=end, increase=100 * (end / start - 1))


def section_7_1(paper: Published) -> Iterator[Check]:
    """Section 7.1: effect of a rise of the index by 10 %, by Table 3 and by section 5.3."""
    per, stated = paper.text["stated_increase"].value, paper.text["stated_decrease"]
    growth, effect, mean = log(1 + per / 100), -paper.b["table_3_scdbi"], paper.mean["scdbi"]
    of_units = {
        "score": effect * mean * per / 100,
        "hundredth": effect * mean * per,
        "deviation": effect * mean * per / 100 / paper.sd["scdbi"],
        "relative": effect * per / 100,
        "logarithm": effect * growth,
    }
    of_doubling = effect * growth / log(2)
    yield agreement("section_7_1_ten_percent_of_table_3", stated, of_doubling, effect=of_units)
    yield agreement("section_7_1_ten_percent_as_unit", stated, effect)
    ratio = paper.text["index_2023"] / paper.text["index_2019"]
    yield agreement(
        "section_7_1_ten_percent_of_section_5_3",
        stated,
        paper.text["simulated_decrease"] * growth / ratio.map(log),
        increase=100 * (ratio - 1),
        times=ratio.map(log) / growth,
        compounded_decrease=stated * ratio.map(log) / growth,
        straight=paper.text["simulated_decrease"] * per / 100 / (ratio - 1),
        straight_decrease=stated * (ratio - 1) * 100 / per,
    )
    fall = paper.after["npl_ratio"] - paper.before["npl_ratio"]
    yield agreement("section_7_1_npl", -paper.text["npl_decrease_7_1"], fall)
    rise = paper.text["satisfaction_2023"] - paper.text["satisfaction_2019"]
    yield agreement("section_7_1_financing_efficiency", paper.text["financing_efficiency"], rise)


def section_1_1(paper: Published, digital_economy: pd.DataFrame) -> Iterator[Check]:
    """Section 1.1: the digital economy, compared with its reports and GDP as first published."""
    reported = digital_economy.set_index("year").reindex([2020, 2022, 2023])
    size, gdp = reported["digital_economy_trillion_yuan"], reported["gdp_100m_yuan"] / 10_000
    printed = {year: paper.text[f"digital_economy_{year}"] for year in (2020, 2023)}
    yield check(
        "section_1_1_digital_economy",
        published=printed[2023],
        recomputed=size[2023],
        holds=all_of(*(equal(number.value, size[year]) for year, number in printed.items())),
        size=size,
    )
    yield agreement(
        "section_1_1_share_of_gdp",
        paper.text["digital_economy_share"],
        100 * printed[2023] / gdp[2023],
        gdp=gdp,
        size=size,
        share=100 * size / gdp,
        reported_share=reported["share_percent"],
    )
    yield check("section_1_1_coverage", published=paper.text["credit_coverage_vulnerable"])
    bad_assets = paper.text["online_lending_assets"]
    yield check("section_1_1_online_lending", published=bad_assets)


def running_text(paper: Published) -> Iterator[Check]:
    """Sections 2.3.2 and 5.2: accuracy, approval time and satisfaction."""
    text, before, after = paper.text, paper.text["accuracy_before"], paper.text["accuracy_after"]
    yield check("section_2_3_2_accuracy", published=after)
    points, relative = after - before, 100 * (after / before - 1)
    lead = text["accuracy_lead"]
    yield check("section_5_2_2_accuracy", published=lead, points=points, relative=relative)
    hours = text["approval_hours_after"]
    saved = 100 * (1 - hours / (24 * text["approval_days_before"]))
    yield check("section_5_2_1_approval_time", published=hours, time_saved=saved)
    lead = text["satisfaction_lead"]
    average = text["satisfaction_2023"] - lead
    yield check("section_5_2_2_national_average", published=lead, national_average=average)


def abstract(paper: Published) -> Iterator[Check]:
    """Abstract: the core factors, and a number that the text repeats."""
    cores = ("data_infrastructure", "digital_technology")
    of_cores = [abs(paper.b[f"section_4_3_1_{name}"]).low for name in cores]
    policy = abs(paper.b["section_4_3_1_policy_coordination"]).high
    weights = sorted(paper.weight, key=lambda code: paper.weight[code].value)
    heaviest = set(weights[-2:]) == {"optical_cable_length", "invention_patents_granted"}
    holds = all_of(*(below(policy, one) for one in of_cores), heaviest)
    yield check("abstract_core_factors", holds=holds)
    satisfaction, repeated = paper.text["satisfaction_abstract"], paper.text["satisfaction_2023"]
    yield repetition("abstract_satisfaction", satisfaction, repeated)


def repetition(code: str, published: Interval, elsewhere: Interval) -> Check:
    """Check a number that the paper publishes twice."""
    holds = equal(published.value, elsewhere.value)
    return check(code, published=published, recomputed=elsewhere.value, holds=holds)


def sections_2(paper: Published) -> Iterator[Check]:
    """Section 2: users and enterprises of China, and the lead of early warnings."""
    claimed, users = paper.text["platform_users"], paper.external["internet_users"]
    holds = below(claimed.value, users.low)
    yield check("section_2_1_1_users", published=claimed, recomputed=users, holds=holds)
    claimed, entities = paper.text["small_enterprises_share"], paper.external["market_entities"]
    enterprises, individual = paper.external["enterprises"], paper.external["individual_businesses"]
    for code, counted in {
        "section_2_2_small_enterprises": enterprises,
        "section_2_2_small_enterprises_and_individuals": enterprises + individual,
    }.items():
        share = 100 * counted / entities
        holds = at_most(claimed.value, share.high)
        values = {"enterprises": enterprises, "individual": individual, "entities": entities}
        yield check(code, published=claimed, recomputed=share, holds=holds, **values)
    early, repeated = paper.text["months_ahead"], paper.text["months_in_advance"]
    yield repetition("section_2_3_2_months_ahead", early, repeated)


def sections_3_and_4(paper: Published, sample: Sample) -> Iterator[Check]:
    """Sections 3.1.1, 3.2 and 4.1, and the comments of Table 3."""
    n_dimensions, dimensions = paper.text["dimensions"], len(paper.weight)
    yield check(
        "section_3_1_1_dimensions",
        published=n_dimensions,
        recomputed=dimensions,
        holds=equal(n_dimensions.value, dimensions),
    )
    effect = abs(paper.b["table_3_scdbi"]).value
    yield repetition("table_3_scdbi_points", paper.text["effect_per_unit"], Interval(*[effect] * 3))
    b, p = paper.b["table_3_pgdp"], paper.p["table_3_pgdp"]
    holds = all_of(below(b.high, 0), below(p.high, 0.05))
    yield check("table_3_pgdp_sign", published=b, holds=holds)
    for variable in ("rd", "gov"):
        p = paper.p[f"table_3_{variable}"]
        yield check(f"table_3_{variable}_significance", published=p, holds=below(0.1, p.low))
    names = [name in " ".join(paper.sources) for name in SOURCES]
    yield check("section_4_1_index_sources", holds=all(names), n_published=len(paper.sources))


SOURCES = ("National Bureau of Statistics", "Ministry of Industry and Information Technology")
"""Sources of the indicators in section 4.1 that Table 1 names too."""


def sections_5(paper: Published) -> Iterator[Check]:
    """Sections 5.1 and 5.2: the first zone, and numbers of Table 5 that the text repeats."""
    earlier = paper.external["earlier_zones"]
    yield check("section_5_1_first_zone", holds=equal(earlier.value, 0))
    for indicator in ("credit_coverage", "npl_ratio"):
        start, end = paper.text[f"{indicator}_2019"], paper.text[f"{indicator}_2023"]
        before, after = paper.before[indicator], paper.after[indicator]
        yield check(
            f"section_5_2_{indicator}",
            published=end,
            recomputed=after.value,
            holds=all_of(equal(start.value, before.value), equal(end.value, after.value)),
        )
    rise = paper.text["satisfaction_2023"] - paper.text["satisfaction_2019"]
    yield check("section_5_2_2_satisfaction", published=paper.text["satisfaction_2023"], rise=rise)


INDICATORS_OF_WARNINGS = {
    "abnormal transaction flow": "flow",
    "negative public opinion": "opinion",
    "equity changes": "equity",
}
"""Indicators that section 6.2.2 names, with the word by which a trigger of Table 6 has them."""


def sections_6(paper: Published) -> Iterator[Check]:
    """Section 6: the levels, triggers and response times of Table 6, and cases."""
    levels, n_levels = paper.text["warning_levels"], len(paper.warnings)
    holds = equal(levels.value, n_levels)
    yield check("section_6_2_2_levels", published=levels, recomputed=n_levels, holds=holds)
    triggers = " ".join(paper.warnings["trigger_condition"])
    absent = [name for name, word in INDICATORS_OF_WARNINGS.items() if word not in triggers]
    yield check("section_6_2_2_triggers", recomputed=len(absent), holds=not absent, absent=absent)
    time = paper.warnings["response_time"].str.removeprefix("T+")
    number = time.str.removesuffix(" hours").astype(float)
    in_hours = number.where(time.str.endswith(" hours"), number * 24)
    yield check("table_6_response_times", days=in_hours / 24, hours=number)
    bad_loans, entities = paper.text["county_loans"], paper.external["shenzhen_entities"]
    yield check("section_6_2_1_county_loans", published=bad_loans)
    monitored = paper.text["monitored_entities"]
    yield check("section_6_2_2_golden_eagle", published=monitored, entities=entities)


def divergence_of(observations: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Return the divergence of indicators: 1 - entropy of the shares of their standardised values.

    Args:
        observations: a row per unit and period with indicator_code and value.
        indicators: a row per indicator with indicator_code, direction (1 or -1) and data_origin.

    Returns:
        A row per indicator with data_origin, divergence and weight_percent, indexed by its code.

    Raises:
        ValueError: an indicator has a direction other than 1 and -1.

    """
    table = indicators.set_index("indicator_code")[["direction", "data_origin"]]
    unknown = table[~table["direction"].isin([1, -1])]
    if len(unknown):
        raise ValueError(f"direction of {', '.join(unknown.index)}: expected 1 or -1")
    values = observations.groupby("indicator_code")["value"]
    for code, direction in table["direction"].items():
        x = values.get_group(code).to_numpy()
        z = x - x.min() if direction == 1 else x.max() - x
        shares = z[z > 0] / z.sum()
        table.loc[code, "divergence"] = 1 + (shares * np.log(shares)).sum() / log(len(z))
    table["weight_percent"] = 100 * table["divergence"] / table["divergence"].sum()
    return table


def _p_value(tests: pd.DataFrame, code: str, df: int) -> Interval:
    """Return the p-value of a reported t with `df` degrees of freedom."""
    if (code, df) not in tests.index:
        return MISSING
    row = tests.loc[(code, df)]
    return Interval(row["p_value"], row["p_lower"], row["p_upper"])


def _fitting(readings: Mapping[str, bool | None]) -> str | None:
    """List the readings that fit; None if one is undecided."""
    if None in readings.values():
        return None
    fitting = [reading for reading, fits in readings.items() if fits]
    return " or ".join(fitting) or "in none of these ways"


def _listed(effects: Mapping[str, Interval]) -> str:
    """Format the range of each effect."""
    return ", ".join(f"{name} {one.low:.3f} to {one.high:.3f}" for name, one in effects.items())


def _largest(numbers: list[float]) -> float:
    """Return the largest number that is not missing, else nan."""
    return max((number for number in numbers if not isnan(number)), default=nan)


def _or_nan(divisor: float) -> float:
    """Return the divisor, nan for zero."""
    return divisor if divisor else nan

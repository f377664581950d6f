"""Tables 3 and 4 and sections 3.2 to 4.3: the regressions, their samples and data."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan, sqrt

import pandas as pd

from credit_indices.replication.claims import Check, agreement, check
from credit_indices.replication.intervals import (
    MISSING,
    Interval,
    all_of,
    at_most,
    below,
    between,
    corners,
    equal,
)
from credit_indices.replication.song_liu_2025.paper import (
    CRITICAL_Z,
    STOCK_YOGO,
    Published,
    Sample,
    correlation_stars,
    or_nan,
    repetition,
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


def _p_value(tests: pd.DataFrame, code: str, df: int) -> Interval:
    """Return the p-value of a reported t with `df` degrees of freedom."""
    if (code, df) not in tests.index:
        return MISSING
    row = tests.loc[(code, df)]
    return Interval(row["p_value"], row["p_lower"], row["p_upper"])


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
    """Table 4: the differences between the regions, and their largest t by Table 3."""
    for variable in VARIABLES_OF_TABLE_4:
        _, east, rest = _table_4(paper, variable)
        # At least 2 x the error of the whole: docs/methods/published_claims.md.
        t = abs(east - rest) / (2 * paper.se[f"table_3_{variable}"])
        # Residual variance of the whole sample over that of its parts at which the difference is
        # significant.
        needed = (CRITICAL_Z[1] / or_nan(t.high)) ** 2
        yield check(
            f"table_4_{variable}_difference",
            recomputed=t,
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
            largest_se=[1 / or_nan(abs(root).low) for root in roots],
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
    lies_between, weight = [], {}
    for variable in VARIABLES_OF_TABLE_4:
        whole, east, rest = (number.value for number in _table_4(paper, variable))
        lies_between.append(at_most((whole - east) * (whole - rest), 0))
        weight[variable] = (rest - whole) / or_nan(rest - east)
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
    alone, of_provinces = (
        corners(lambda r, rows=rows: r * r * (rows - 2) / (1 - r * r), rho)
        for rows in (n, sample.n_provinces)
    )
    yield agreement(
        "section_4_3_3_f_without_controls",
        f,
        alone,
        n=n,
        n_provinces=sample.n_provinces,
        f_provinces=of_provinces,
    )
    yield check(
        "section_4_3_3_f_with_controls",
        published=f,
        df=df,
        partial_correlation=sqrt(f.value / (f.value + df)),
        density_within=density_within,
    )
    holds = below(paper.text["first_stage_f_rule"].value, f.low)
    code = "section_4_3_3_f_above_ten"
    yield check(code, published=f, bounds=f, holds=holds, stock_yogo=STOCK_YOGO)
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


SOURCES = ("National Bureau of Statistics", "Ministry of Industry and Information Technology")
"""Sources of the indicators in section 4.1 that Table 1 names too."""


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
    n_published = len(paper.sources)
    yield check(
        "section_4_1_index_sources",
        holds=all(names),
        n_published=n_published,
        n_others=paper.sources.nunique() - len(SOURCES),
        n_unpublished=paper.stated["table_1_number_of_indicators"] - n_published,
    )

"""Song & Liu (2025), on the social credit big data development index (SCDBI) and financial risk.

One function per table or section of the paper, https://doi.org/10.1145/3771792.3773849. The tables
are those of seeds/published, described there; `stated` are the numbers of running text by claim.
Where a printed number is missing, the claims on it cannot be checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp, isnan, log, nan, sqrt

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
    exact,
    numbers_in,
)

PAPER = "song_liu_2025"

CRITICAL_T = 2.756
"""Two-sided 1 % point of Student's t with 31 - 2 degrees of freedom, from the tables."""

CRITICAL_Z = {0: 0.0, 1: 1.644854, 2: 1.959964, 3: 2.575829}
"""Two-sided points of the normal distribution by stars; those of Student's t are never below."""


@dataclass(frozen=True)
class Sample:
    """The provinces and years of the official figures (section 4.1)."""

    n: int
    n_provinces: int
    n_years: int
    n_east: int
    n_central: int
    n_west: int

    @classmethod
    def of(cls, nbs: pd.DataFrame, units: pd.DataFrame) -> Sample:
        """Count in raw.nbs and catalog.units."""
        provinces = units[units["unit_id"].isin(nbs["province_code"])]
        regions = provinces["region"].value_counts()
        return cls(
            n=len(nbs),
            n_provinces=nbs["province_code"].nunique(),
            n_years=nbs["year"].nunique(),
            **{f"n_{region}": int(regions[region]) for region in ("east", "central", "west")},
        )

    @property
    def n_all(self) -> int:
        """Provinces of all regions."""
        return self.n_east + self.n_rest

    @property
    def n_rest(self) -> int:
        """Provinces outside the east."""
        return self.n_central + self.n_west

    def df(self, n_regressors: int) -> int:
        """Degrees of freedom that eq. (1) leaves, with its province and year effects."""
        return self.n - self.n_provinces - (self.n_years - 1) - n_regressors


def checks(
    tables: Mapping[str, pd.DataFrame],
    nbs: pd.DataFrame,
    land_area: pd.DataFrame,
    units: pd.DataFrame,
    digital_economy: pd.DataFrame,
    divergences: pd.DataFrame,
    t_tests: pd.DataFrame,
) -> Iterator[Check]:
    """Check the claims of the paper.

    Args:
        tables: seeds of the paper by the rest of their names (table_1, table_2, table_5,
            coefficients, text, claims).
        nbs: raw.nbs, official figures of the provinces in 2011-2020.
        land_area: raw.nbs_land_area.
        units: catalog.units as shipped.
        digital_economy: published.digital_economy_of_china.
        divergences: of the indicators of Table 1, see `divergence_of`.
        t_tests: stats.published_t_tests.

    """
    claims = tables["claims"]
    codes = claims["claim_code"].str.removeprefix(f"{PAPER}_")
    stated = dict(zip(codes, claims["stated"], strict=True))
    described = tables["table_2"].set_index("variable_code")
    coefficients = tables["coefficients"].set_index("coefficient_code")
    text = numbers_in(tables["text"].set_index("number_code"), "value")
    suzhou = tables["table_5"].set_index("measure_code")
    sample = Sample.of(nbs, units)

    yield from table_1(stated, tables["table_1"], described, divergences)
    yield from entropy_formula(tables["table_1"], described, divergences)
    yield from table_2(stated, described, sample, nbs)
    yield from gdp_per_capita(described, nbs, units)
    later = (
        table_3(coefficients, described, text, sample, t_tests),
        table_4(coefficients, text, sample),
        section_4_2(coefficients, described),
        section_4_3_1(coefficients, text),
        section_4_3_3(coefficients, text, sample, density_within(nbs, land_area)),
        table_5(suzhou, text),
        section_5_3(coefficients, described, suzhou, text),
        running_text(suzhou, text, digital_economy),
    )
    for section in later:
        yield from rounded(section, 12)


def table_1(
    stated: Mapping[str, float],
    table: pd.DataFrame,
    described: pd.DataFrame,
    divergences: pd.DataFrame,
) -> Iterator[Check]:
    """Table 1: five of 23 indicators and their weights by the entropy method."""
    weights = numbers_in(table.set_index("indicator_code"), "weight_percent", "weight_decimals")
    n_indicators, whole = stated["table_1_number_of_indicators"], stated["table_1_weights_sum"]
    counts = {"n_printed": len(weights), "n_unprinted": n_indicators - len(weights)}
    yield check("table_1_number_of_indicators", published=n_indicators, **counts)
    total = sum(weights.values())
    yield agreement("table_1_weights_sum", published=whole, recomputed=total)
    left = (whole - total).map(lambda x: round(x, 9))  # The sum is off 100 in the last bit.
    yield check("table_1_weights_of_dimensions", recomputed=left, holds=left.overlaps(0), **counts)

    divergence, shipped = divergences["divergence"], divergences["weight_percent"]
    npl, patents = weights["npl_ratio"], weights["invention_patents_granted"]
    patents_divergence = divergence["invention_patents_granted"]
    # z = (max - x) / (max - min) has the mean (max - mean) / (max - min) and the standard deviation
    # sd / (max - min), so its coefficient of variation is free of the minimum.
    moments = {name: numbers_in(described, name)["fr"] for name in MOMENTS}
    cv = moments["standard_deviation"] / (moments["maximum"] - moments["mean"])
    ln_n = log(described.at["fr", "observations"])
    # Divergence is sum(p ln(p n)) / ln n. By Jensen sum(p ln(p n)) <= ln(sum(p p n)) =
    # ln(1 + cv^2), where cv divides by n (by n - 1 it is larger: the bound holds all the more). To
    # second order in p n - 1 the sum is cv^2 / 2.
    bound = cv.map(lambda cv: log(1 + cv * cv) / ln_n)
    likely = cv.value**2 / (2 * ln_n)
    beside_patents = bound.map(lambda bound: 100 * bound / (bound + patents_divergence))
    total_divergence = 100 * bound.high / npl.low
    yield check(
        "table_1_npl_weight",
        published=npl,
        recomputed=beside_patents,
        holds=at_most(npl.low, beside_patents.high),
        fr=moments,
        npl_cv=cv,
        npl_divergence=likely,
        npl_bound=bound,
        npl_divergence_shipped=divergence["npl_ratio"],
        npl_total=total_divergence,
        npl_total_likely=100 * likely / npl.value,
        npl_others=total_divergence - bound.high,
        patents_needed=bound.high * patents.high / npl.low,
        patents_divergence_shipped=patents_divergence,
    )
    yield check(
        "table_1_other_weights",
        patents_divergence_shipped=patents_divergence,
        shipped=shipped,
        n_synthetic=int((divergences["data_origin"] == "synthetic").sum()),
    )


def entropy_formula(
    table: pd.DataFrame, described: pd.DataFrame, divergences: pd.DataFrame
) -> Iterator[Check]:
    """Section 3.1.2: the entropy without its minus sign."""
    n = int(described.at["fr", "observations"])
    # For n equal shares it is sum(p ln p) / ln n = ln(1 / n) / ln n.
    entropy = log(1 / n) / log(n)
    yield check(
        "entropy_formula",
        recomputed=entropy,
        holds=0 <= entropy <= 1,
        equal_shares_divergence=1 - entropy,
        patents_as_printed=2 - divergences.at["invention_patents_granted", "divergence"],
        patents_divergence_shipped=divergences.at["invention_patents_granted", "divergence"],
        # As printed 1 - e lies between 1 and 2; the smallest share is that of a 1 among 2s.
        smallest_as_printed=100 / (1 + 2 * (len(table) - 1)),
        smallest_weight=table["weight_percent"].min(),
    )


MOMENTS = ("mean", "standard_deviation", "minimum", "maximum")


def table_2(
    stated: Mapping[str, float], table: pd.DataFrame, sample: Sample, nbs: pd.DataFrame
) -> Iterator[Check]:
    """Table 2: descriptive statistics, each beside what the others allow."""
    mean, sd, minimum, maximum = (numbers_in(table, name) for name in MOMENTS)
    n = int(table["observations"].max())
    for variable in ("fr", "scdbi", "pgdp", "fin"):
        above = maximum[variable] - mean[variable]
        below_it = mean[variable] - minimum[variable]
        a, b = max(above.low, 0), max(below_it.low, 0)
        # Least: one observation at each end, the rest together where they keep the mean. Most:
        # Bhatia and Davis, for the standard deviation that divides by n - 1.
        least = sqrt((a * a + b * b + (a - b) ** 2 / (n - 2)) / (n - 1))
        most = sqrt(above.high * below_it.high * n / (n - 1))
        yield check(
            f"table_2_{variable}_spread",
            published=sd[variable],
            bounds=(least, most),
            holds=between(least, sd[variable].value, most),
            n=n,
        )
    n_cells = sample.n_provinces * sample.n_years
    n_official = int(nbs["gdp_per_capita_yuan"].notna().sum())
    yield check(
        "table_2_observations",
        published=n,
        recomputed=n_cells,
        holds=bool((table["observations"] == n_cells).all()) and n_official == n_cells,
        n_cells=n_cells,
        n_official=n_official,
    )
    yield from regional_means(table, mean["fr"], sample)

    score, largest, n_indicators = (
        mean["scdbi"],
        maximum["scdbi"],
        stated["table_1_number_of_indicators"],
    )
    limit = stated["table_2_scdbi_range"]
    of_shares = score.overlaps(1 / n)
    yield check(
        "table_2_scdbi_mean",
        published=score,
        recomputed=1 / n,
        bounds=score,
        holds=of_shares,
        n=n,
    )
    yield check(
        "table_2_scdbi_of_shares",
        holds=all_of(of_shares, below(largest.high, 1 / n_indicators)),
        smallest_maximum=1 / n_indicators,
        scdbi_max=largest,
    )
    yield check(
        "table_2_scdbi_range",
        holds=all_of(at_most(0, minimum["scdbi"].value), at_most(largest.value, limit)),
        scdbi_min=minimum["scdbi"],
        scdbi_max=largest,
        scdbi_stated_max=limit,
    )
    yield from logarithm_of_financing(table, sample)


def regional_means(table: pd.DataFrame, mean: Interval, sample: Sample) -> Iterator[Check]:
    """Table 2, data characteristics of FR: its means in the regions."""
    east, west = (
        numbers_in(table, f"{region}_mean", "characteristics_decimals")["fr"]
        for region in ("east", "west")
    )
    n_east, n_west, n_central = sample.n_east, sample.n_west, sample.n_central
    central = (mean * sample.n_all - east * n_east - west * n_west) / n_central
    figures = {"sample": sample, "mean": mean, "east": east, "west": west}
    yield check(
        "table_2_fr_regions_three",
        recomputed=central,
        holds=all_of(at_most(central.low, west.value), at_most(east.value, central.high)),
        **figures,
    )
    yield agreement(
        "table_2_fr_regions_two",
        published=mean,
        recomputed=(east * n_east + west * sample.n_rest) / sample.n_all,
        not_east=(mean * sample.n_all - east * n_east) / sample.n_rest,
        **figures,
    )


def logarithm_of_financing(table: pd.DataFrame, sample: Sample) -> Iterator[Check]:
    """Table 2, FIN: its minimum, and its correlation with SCDBI."""
    mean, sd, minimum = (numbers_in(table, name)["fin"] for name in MOMENTS[:3])
    n = int(table["observations"].max())
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
        fin_min_deviations=distance / sd.value,
        fin_ratio=exp(distance),
        fin_min_share=100 * distance**2 / ((n - 1) * sd.value**2),
    )
    rho = numbers_in(table, "correlation_with_scdbi", "characteristics_decimals")["fin"]
    yield check("table_2_fin_correlation", published=rho)
    yield correlation_stars("table_2_fin_correlation_stars", rho, n, sample.n_provinces)


def correlation_stars(code: str, rho: Interval, n: int, n_provinces: int) -> Check:
    """Whether a correlation can have no more than two stars, if only provinces are independent."""

    def t_of(rows: int) -> Interval:
        return corners(lambda r: r * sqrt((rows - 2) / (1 - r * r)), rho)

    t_provinces = t_of(n_provinces)
    return check(
        code,
        recomputed=t_of(n),
        holds=below(t_provinces.low, CRITICAL_T),
        n=n,
        n_provinces=n_provinces,
        rho=rho,
        t_provinces=t_provinces,
        critical_t=CRITICAL_T,
    )


def gdp_per_capita(table: pd.DataFrame, nbs: pd.DataFrame, units: pd.DataFrame) -> Iterator[Check]:
    """Table 2, PGDP: beside official figures, as first published and with GDP as revised later."""
    official = nbs["gdp_per_capita_yuan"]
    population = nbs["gdp_as_published_100m_yuan"] / official
    revised = official * nbs["gdp_revised_100m_yuan"] / nbs["gdp_as_published_100m_yuan"]
    names = units.set_index("unit_id")["name_en"]
    for (statistic, column), function in zip(
        {"mean": "mean", "sd": "standard_deviation", "min": "minimum", "max": "maximum"}.items(),
        ("mean", "std", "min", "max"),
        strict=True,
    ):
        published, recomputed = numbers_in(table, column)["pgdp"], official.agg(function)
        where = nbs[official == recomputed]
        yield check(
            f"table_2_pgdp_{statistic}",
            published=published,
            recomputed=recomputed,
            bounds=published,
            holds=published.overlaps(recomputed),
            difference=100 * (recomputed - published.value) / published.value,
            revised=revised.agg(function),
            where=[f"{names[row.province_code]} in {row.year}" for row in where.itertuples()],
        )

    mean, sd = (numbers_in(table, column)["pgdp"] for column in MOMENTS[:2])
    cv = numbers_in(table, "coefficient_of_variation", "characteristics_decimals")["pgdp"]
    yield agreement(
        "table_2_pgdp_variation_pooled",
        published=cv,
        recomputed=sd / mean,
        mean=mean,
        sd=sd,
        official_cv=official.std() / official.mean(),
    )
    years = official.groupby(nbs["year"])
    of_years = years.std() / years.mean()
    dividing_by_n = years.std(ddof=0) / years.mean()
    in_2020 = nbs["year"] == 2020
    weighted = np.average(official[in_2020], weights=population[in_2020])
    variance = np.average(official[in_2020] ** 2, weights=population[in_2020]) - weighted**2
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


def table_3(
    coefficients: pd.DataFrame,
    described: pd.DataFrame,
    text: Numbers,
    sample: Sample,
    t_tests: pd.DataFrame,
) -> Iterator[Check]:
    """Table 3: coefficients, errors, t and p, and the degrees of freedom that these go with."""
    b, se, t = (
        numbers_in(coefficients, column) for column in ("coefficient", "standard_error", "t_value")
    )
    p = numbers_in(coefficients, "p_value", "p_decimals")
    df = sample.df(len(p))
    tests = t_tests.set_index(["coefficient_code", "df"]).sort_index()
    agreeing = t_tests[t_tests["agrees"]]
    of_variable = agreeing.groupby("coefficient_code")["df"]
    df_from, df_to = of_variable.min().to_dict(), of_variable.max().to_dict()
    for variable in ("scdbi", "pgdp", "fin", "rd", "gov"):
        code = f"table_3_{variable}"
        figures = {"b": b[code], "se": se[code], "t": t[code], "df": df}
        yield agreement(f"{code}_t", published=t[code], recomputed=b[code] / se[code], **figures)
        yield agreement(
            f"{code}_p",
            published=p[code],
            recomputed=_p_value(tests, code, df),
            df_from=df_from.get(code),
            df_to=df_to.get(code),
            **figures,
        )
    yield from stars_of_table_3(coefficients)

    together = agreeing.groupby("df").size()
    together = together[together == len(p)].index if len(p) else []
    df_from, df_to = (min(together, default=nan), max(together, default=nan))
    clustered = sample.n_provinces - 1
    yield check(
        "table_3_degrees_of_freedom",
        recomputed=df,
        bounds=(df_from, df_to),
        holds=between(df_from, df, df_to),
        df=df,
        sample=sample,
        n_tests=len(p),
        df_clustered=clustered,
        pgdp_t=t["table_3_pgdp"],
        pgdp_p_clustered=_p_value(tests, "table_3_pgdp", clustered),
    )
    scdbi_b, scdbi_t, scdbi_p = b["table_3_scdbi"], t["table_3_scdbi"], "table_3_scdbi"
    yield check(
        "table_3_r_squared",
        published=text["r_squared"],
        df=df,
        scdbi_share=100 * corners(lambda t: t * t / (t * t + df), scdbi_t),
    )
    yield from unit_of_the_index(b["table_3_scdbi"], se["table_3_scdbi"], described, text, df)
    recomputed = _p_value(tests, scdbi_p, df)
    significance, effect = text["significance"], text["effect_per_unit"]
    yield check(
        "abstract_significance",
        published=significance,
        recomputed=recomputed,
        holds=all_of(
            below(recomputed.high, significance.value),
            equal(abs(scdbi_b).value, effect.value),
        ),
        t=scdbi_t,
        df=df,
        df_clustered=clustered,
        p_clustered=_p_value(tests, scdbi_p, clustered),
    )


def stars_of_table_3(coefficients: pd.DataFrame) -> Iterator[Check]:
    """Table 3: three stars for p < 0.01 (abstract), two for p < 0.05, one for p < 0.1."""
    tested = coefficients[coefficients["p_value"].notna()]
    due = sum((tested["p_value"] < level).astype(int) for level in (0.01, 0.05, 0.1))
    n_different = int((_stars(tested) != due).sum()) if len(tested) else nan
    holds = equal(n_different, 0)
    yield check("table_3_stars", recomputed=n_different, holds=holds, n_tests=len(tested))


def unit_of_the_index(
    b: Interval, se: Interval, described: pd.DataFrame, text: Numbers, df: int
) -> Iterator[Check]:
    """Table 3: what "1 unit" of SCDBI can be, with the moments of Table 2."""
    sds, largest = numbers_in(described, "standard_deviation"), numbers_in(described, "maximum")
    r_squared, fr_sd, scdbi_sd = text["r_squared"], sds["fr"], sds["scdbi"]
    # The error of the residuals over the spread of the index.
    smallest_error = ((1 - r_squared) / df).map(sqrt) * fr_sd / scdbi_sd
    effect = abs(b).value * largest["scdbi"].value
    needed = 1 - df * (se.high * scdbi_sd.high / fr_sd.low) ** 2
    for unit, per_score in (("score", 1), ("hundredth", 100)):
        error = smallest_error / per_score
        yield check(
            f"table_3_unit_of_{unit}",
            published=se,
            recomputed=error,
            holds=at_most(error.low, se.high),
            df=df,
            se=se,
            r_squared=r_squared,
            r_squared_needed=needed,
            fr_sd=fr_sd,
            scdbi_sd=scdbi_sd,
            scdbi_max=largest["scdbi"],
            largest_effect=per_score * effect,
        )


def table_4(coefficients: pd.DataFrame, text: Numbers, sample: Sample) -> Iterator[Check]:
    """Table 4: the coefficients in the east and elsewhere, and what Table 3 says of their errors."""
    b, se = (numbers_in(coefficients, column) for column in ("coefficient", "standard_error"))
    stars = _stars(coefficients).map(CRITICAL_Z)
    n_east, n_rest = text["n_east"].value, text["n_central_west"].value
    yield check(
        "section_4_3_2_provinces",
        published=n_east,
        recomputed=sample.n_east,
        holds=all_of(equal(n_east, sample.n_east), equal(n_rest, sample.n_rest)),
        sample=sample,
    )
    between_the_parts, figures = [], {}
    for variable in ("scdbi", "pgdp", "fin"):
        whole, error = b[f"table_3_{variable}"], se[f"table_3_{variable}"]
        codes = [f"table_4_{part}_{variable}" for part in ("east", "central_west")]
        east, rest = (b[code] for code in codes)
        critical = [stars.get(code, nan) for code in codes]
        of_this = {
            "whole": whole,
            "east": east,
            "rest": rest,
            "se": error,
            "weight": (rest.value - whole.value) / _or_nan(rest.value - east.value),
        }
        figures[variable] = of_this
        between_the_parts.append(
            at_most((whole.value - east.value) * (whole.value - rest.value), 0)
        )
        difference = abs(east - rest) / (2 * error)
        yield check(
            f"table_4_{variable}_difference",
            recomputed=difference,
            holds=at_most(CRITICAL_Z[1], difference.high),
            critical_z=CRITICAL_Z[1],
            # Residual variance of the whole over that of its parts that makes the difference count.
            ratio_needed=(CRITICAL_Z[1] / _or_nan(difference.high)) ** 2,
            **of_this,
        )
        largest = corners(
            lambda east, rest, of_east, of_rest: (
                1 / sqrt((of_east / east) ** 2 + (of_rest / rest) ** 2)
            ),
            east,
            rest,
            *critical,
        )
        precisions = sum(
            (point / part.map(abs).high) ** 2
            for point, part in zip(critical, (east, rest), strict=True)
        )
        yield check(
            f"table_4_{variable}_stars",
            published=error,
            recomputed=largest,
            holds=at_most(error.low, largest.high),
            east_largest_se=abs(east).high / _or_nan(critical[0]),
            rest_largest_se=abs(rest).high / _or_nan(critical[1]),
            variance_ratio=error.low**2 * precisions,
            **of_this,
        )
    yield check(
        "table_4_pooled_between",
        holds=all_of(*between_the_parts),
        n_rows_east_share=n_east / (n_east + n_rest),
        **figures,
    )
    peak = abs(figures["fin"]["east"]) - abs(figures["fin"]["rest"])
    yield check("table_4_fin_peak", recomputed=peak, holds=at_most(peak.low, 0), **figures["fin"])


def section_4_2(coefficients: pd.DataFrame, described: pd.DataFrame) -> Iterator[Check]:
    """Section 4.2: GDP per capita and financial development beside SCDBI."""
    b, sds = numbers_in(coefficients, "coefficient"), numbers_in(described, "standard_deviation")
    scdbi, pgdp, fin = (b[f"table_3_{variable}"] for variable in ("scdbi", "pgdp", "fin"))
    score_of_a_deviation = abs(scdbi) * sds["scdbi"]
    yield check("section_4_2_hypothesis")
    yield check(
        "section_4_2_weaker",
        scdbi=scdbi,
        pgdp=pgdp,
        fin=fin,
        fin_sd=sds["fin"],
        fin_of_a_deviation=abs(fin) * sds["fin"],
        score_of_a_deviation=score_of_a_deviation,
        percent_of_a_deviation=100 * score_of_a_deviation,
    )


def section_4_3_1(coefficients: pd.DataFrame, text: Numbers) -> Iterator[Check]:
    """Section 4.3.1: the dimensions' shares of the total effect."""
    b = numbers_in(coefficients, "coefficient")
    infrastructure = b["section_4_3_1_data_infrastructure"]
    technology, policy = (
        b["section_4_3_1_digital_technology"],
        b["section_4_3_1_policy_coordination"],
    )
    of_two, share = infrastructure + technology, text["share_of_total_effect"]
    figures = {
        "scdbi": b["table_3_scdbi"],
        "infrastructure": infrastructure,
        "technology": technology,
        "policy": policy,
        "sum_of_two": abs(of_two),
        "share": share,
    }
    yield agreement(
        "section_4_3_1_share_of_table_3",
        published=share,
        recomputed=100 * of_two / b["table_3_scdbi"],
        **figures,
    )
    rest = of_two * (100 / share - 1) - policy
    yield check("section_4_3_1_share_of_all_five", recomputed=rest, **figures)
    yield check("section_4_3_1_policy", published=policy, **figures)


def section_4_3_3(
    coefficients: pd.DataFrame, text: Numbers, sample: Sample, density_within: float
) -> Iterator[Check]:
    """Section 4.3.3: population density as an instrument, and another measure of risk."""
    b = numbers_in(coefficients, "coefficient")
    n, df = sample.n, sample.df(int((coefficients["table_ref"] == "Table 3").sum()))
    rho, f, f_rule = (
        text[code] for code in ("instrument_correlation", "first_stage_f", "first_stage_f_rule")
    )
    yield correlation_stars("section_4_3_3_correlation_stars", rho, n, sample.n_provinces)
    yield agreement(
        "section_4_3_3_f_without_controls",
        published=f,
        recomputed=corners(lambda r: r * r * (n - 2) / (1 - r * r), rho),
        rho=rho,
        n=n,
    )
    yield check(
        "section_4_3_3_f_with_controls",
        published=f,
        rho=rho,
        df=df,
        partial_correlation=sqrt(f.value / (f.value + df)),
        density_within=density_within,
    )
    yield check(
        "section_4_3_3_f_above_ten",
        published=f,
        bounds=f,
        holds=below(f_rule.value, f.low),
        f_rule=f_rule,
    )
    scdbi, two_stage = b["table_3_scdbi"], b["section_4_3_3_2sls"]
    error = numbers_in(coefficients, "standard_error")["table_3_scdbi"]
    distance = abs(two_stage - scdbi) / error
    yield check("section_4_3_3_two_stage", recomputed=distance, holds=below(distance.high, 1))
    yield check("section_4_3_3_endogeneity", published=two_stage)
    comprehensive = b["section_4_3_3_comprehensive_risk"]
    yield check("section_4_3_3_comprehensive", published=comprehensive, scdbi=scdbi)


def density_within(nbs: pd.DataFrame, land_area: pd.DataFrame) -> float:
    """Return the percent of the variance of population density that is within provinces."""
    area = nbs["province_code"].map(land_area.set_index("province_code")["land_area_10k_km2"])
    # Population is GDP over GDP per capita, both as first published.
    density = nbs["gdp_as_published_100m_yuan"] / nbs["gdp_per_capita_yuan"] / area
    mean_density = density.groupby(nbs["province_code"]).transform("mean")
    return 100 * (1 - mean_density.var(ddof=0) / density.var(ddof=0))


def table_5(table: pd.DataFrame, text: Numbers) -> Iterator[Check]:
    """Table 5: Suzhou in 2019 and 2023, and what the text makes of it."""
    columns = ("value_2019", "value_2023", "change", "simulated")
    numbers = {name: numbers_in(table, name, f"{name}_decimals") for name in columns}
    before, after, change, simulated = numbers.values()
    rates, figures = [], {}
    for measure in ("credit_coverage", "npl_ratio", "financing_cost"):
        rate = 100 * (after[measure] / before[measure] - 1)
        rates.append((abs(rate.value - change[measure].value), rate, change[measure]))
        figures[measure] = {
            "before": before[measure],
            "after": after[measure],
            "change": change[measure],
            "simulated": simulated[measure],
            "rate": rate,
            "share": 100 * simulated[measure] / change[measure],
            "left": change[measure] - simulated[measure],
        }
        yield agreement(
            f"table_5_{measure}_change",
            published=change[measure],
            recomputed=after[measure] - before[measure],
            **figures[measure],
        )
    allowed = [rate.high - rate.value + of.high - of.value for _, rate, of in rates]
    deviation = [one for one, *_ in rates]
    yield check(
        "table_5_rate_of_change",
        recomputed=_largest(deviation),
        bounds=(nan, _largest(allowed)),
        holds=all_of(*map(at_most, deviation, allowed)),
        **figures,
    )
    coverage, npl, cost = figures.values()
    for measure in ("credit_coverage", "financing_cost"):
        yield check(
            f"table_5_{measure}_simulated", published=simulated[measure], **figures[measure]
        )
    yield agreement(
        "table_5_open_data",
        published=text["open_data_contribution"],
        recomputed=100 * (1 - coverage["simulated"] / coverage["change"]),
        of_simulated=100 * (coverage["change"] / coverage["simulated"] - 1),
        **coverage,
    )
    yield agreement(
        "table_5_technical_model",
        published=text["technical_contribution"],
        recomputed=npl["simulated"] - npl["change"],
        **npl,
    )
    attributed = table["explanation"].get("npl_ratio")
    yield check(
        "section_5_3_local_policies",
        holds=None if attributed is None else "polic" in attributed.lower(),
    )
    explained, reached = npl["share"], text["explanatory_power"]
    yield check(
        "section_5_3_explanatory_power",
        published=reached,
        recomputed=explained,
        holds=below(reached.value, explained.high),
        **npl,
    )
    yield agreement(
        "abstract_coverage",
        published=text["coverage_increase"],
        recomputed=coverage["change"],
    )
    yield agreement(
        "abstract_npl",
        published=-text["npl_decrease"],
        recomputed=npl["after"] - npl["before"],
        **npl,
    )
    claimed = text["credit_coverage_suzhou"]
    yield check(
        "section_2_3_1_coverage",
        published=claimed,
        recomputed=coverage["after"],
        holds=below(claimed.value, coverage["after"].high),
    )


def section_5_3(
    coefficients: pd.DataFrame, described: pd.DataFrame, suzhou: pd.DataFrame, text: Numbers
) -> Iterator[Check]:
    """Sections 5.3 and 7.1: what a rise of the index does to the non-performing loan ratio."""
    b, mean = numbers_in(coefficients, "coefficient"), numbers_in(described, "mean")["scdbi"]
    sd = numbers_in(described, "standard_deviation")["scdbi"]
    start, end, decrease = text["index_2019"], text["index_2023"], text["simulated_decrease"]
    # What one unit of the index may be: its change in such units.
    readings = {
        "per unit of the score": end - start,
        "per hundredth": 100 * (end - start),
        "per standard deviation": (end - start) / sd,
        "per 100 %": end / start - 1,
        "per unit of the logarithm": (end / start).map(log),
        "per doubling": (end / start).map(log) / log(2),
    }
    names = {
        "benchmark": "table_3_scdbi",
        "two_stage": "section_4_3_3_2sls",
        "comprehensive": "section_4_3_3_comprehensive_risk",
        "east": "table_4_east_scdbi",
        "rest": "table_4_central_west_scdbi",
    }
    fits = {
        name: {
            reading: (b[code] * units).overlaps(-decrease) for reading, units in readings.items()
        }
        for name, code in names.items()
    }
    benchmark = b["table_3_scdbi"]
    effects = {reading: benchmark * units for reading, units in readings.items()}
    undecided = any(one is None for one in fits["benchmark"].values())
    known = not any(effect.missing for effect in effects.values())
    yield check(
        "section_5_3_simulated",
        published=-decrease,
        recomputed=effects["per doubling"],
        holds=None if undecided else any(fits["benchmark"].values()),
        simulated_decrease=decrease,
        coefficients={name: b[code] for name, code in names.items()},
        fits={name: _fitting(of_readings) for name, of_readings in fits.items()},
        readings=", ".join(
            f"{reading} {effect.low:.3f} to {effect.high:.3f}"
            for reading, effect in effects.items()
        )
        if known
        else None,
    )
    increase = 100 * (end / start - 1)
    yield check("section_5_3_index", published=end, scdbi_mean=mean, index_increase=increase)

    per_ten, stated = text["stated_increase"].value, text["stated_decrease"]
    growth = log(1 + per_ten / 100)
    yield agreement(
        "section_7_1_ten_percent_of_table_3",
        published=stated,
        recomputed=-benchmark * growth / log(2),
        benchmark=benchmark,
        scdbi_mean=mean,
        ten_percent_score=-benchmark * mean * per_ten / 100,
        ten_percent_hundredth=-benchmark * mean * per_ten,
        ten_percent_sd=-benchmark * mean * per_ten / 100 / sd,
        ten_percent_relative=-benchmark * per_ten / 100,
        ten_percent_log=-benchmark * growth,
    )
    logarithm = (end / start).map(log)
    yield agreement(
        "section_7_1_ten_percent_of_section_5_3",
        published=stated,
        recomputed=decrease * growth / logarithm,
        index_increase=increase,
        simulated_decrease=decrease,
        stated_decrease=stated,
        stated_increase=per_ten,
        compounded_decrease=stated * logarithm / growth,
        npl_from=numbers_in(suzhou, "value_2019", "value_2019_decimals")["npl_ratio"],
    )


def running_text(
    suzhou: pd.DataFrame, text: Numbers, digital_economy: pd.DataFrame
) -> Iterator[Check]:
    """Other numbers of the text, beside each other and beside reports on the digital economy."""
    reported = digital_economy.set_index("year").reindex([2020, 2022, 2023])
    size, share = reported["digital_economy_trillion_yuan"], reported["share_percent"]
    gdp = reported["gdp_100m_yuan"] / 10_000
    economy_2020, economy_2023 = text["digital_economy_2020"], text["digital_economy_2023"]
    yield check(
        "section_1_1_digital_economy",
        published=economy_2023,
        recomputed=size[2023],
        holds=all_of(equal(economy_2020.value, size[2020]), equal(economy_2023.value, size[2023])),
        reported_2020=size[2020],
    )
    yield agreement(
        "section_1_1_share_of_gdp",
        published=text["digital_economy_share"],
        recomputed=100 * economy_2023 / gdp[2023],
        gdp=gdp,
        reported_share=share,
        economy_2022=size[2022],
        share_2022=100 * size[2022] / gdp[2022],
    )
    coverage_2019 = numbers_in(suzhou, "value_2019", "value_2019_decimals")["credit_coverage"]
    yield check(
        "section_1_1_coverage",
        published=text["credit_coverage_vulnerable"],
        suzhou_2019=coverage_2019,
        alternative=text["alternative_data_coverage"],
    )
    before, after = text["accuracy_before"], text["accuracy_after"]
    accuracy = {"accuracy_before": before, "accuracy_after": after}
    yield agreement(
        "section_2_3_2_accuracy",
        published=before,
        recomputed=text["accuracy_aim_from"],
        aim_to=text["accuracy_aim_to"],
        **accuracy,
    )
    hours, days = text["approval_hours_after"], text["approval_days_before"]
    yield check(
        "section_5_2_1_approval_time",
        published=hours,
        time_saved=100 * (1 - hours / (24 * days)),
    )
    satisfaction, lead = text["satisfaction_2023"], text["satisfaction_lead"]
    yield check(
        "section_5_2_2_national_average",
        published=lead,
        satisfaction_2023=satisfaction,
        national_average=satisfaction - lead,
    )
    yield check(
        "section_5_2_2_accuracy",
        published=text["accuracy_lead"],
        accuracy_points=after - before,
        accuracy_relative=100 * (after / before - 1),
        **accuracy,
    )
    yield agreement(
        "section_7_1_financing_efficiency",
        published=text["financing_efficiency"],
        recomputed=satisfaction - text["satisfaction_2019"],
        satisfaction_2023=satisfaction,
        satisfaction_2019=text["satisfaction_2019"],
    )


def divergence_of(observations: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Return how uneven indicators are: 1 - entropy of their standardised values' shares.

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
    """Return the p-value of a printed t with so many degrees of freedom."""
    if (code, df) not in tests.index:
        return MISSING
    row = tests.loc[(code, df)]
    return Interval(row["p_value"], row["p_lower"], row["p_upper"])


def _stars(coefficients: pd.DataFrame) -> pd.Series:
    """Return how many stars coefficients have."""
    return coefficients["stars"].fillna("").str.len()


def _fitting(readings: Mapping[str, bool | None]) -> str | None:
    """Return the readings that fit, in words; None if one is undecided."""
    if any(fits is None for fits in readings.values()):
        return None
    fitting = [reading for reading, fits in readings.items() if fits]
    return " or ".join(fitting) or "in none of these ways"


def _largest(numbers: list[float]) -> float:
    """Return the largest of the numbers that are there, else nan."""
    return max((number for number in numbers if not isnan(number)), default=nan)


def _or_nan(divisor: float) -> float:
    """Return the divisor, nan for zero."""
    return divisor if divisor else nan

"""Tables 1 and 2 and section 3.1.2: weights, entropy and descriptive statistics."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log, sqrt

import numpy as np
import pandas as pd

from credit_indices.replication.claims import Check, agreement, check
from credit_indices.replication.intervals import Interval, all_of, at_most, below, between
from credit_indices.replication.song_liu_2025.paper import (
    Published,
    Sample,
    correlation_stars,
)


def table_1(paper: Published, divergences: pd.DataFrame) -> Iterator[Check]:
    """Table 1: five of 23 indicators and their weights by the entropy method."""
    n_published, n_indicators = len(paper.weight), paper.stated["table_1_number_of_indicators"]
    counts = {"n_published": n_published, "n_unpublished": n_indicators - n_published}
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


def standardised(paper: Published) -> Iterator[Check]:
    """Section 3.1.2: x' rises from 0 to 1 with the indicator, x'' falls from 1 to 0."""
    least, most = paper.minimum["fr"].value, paper.maximum["fr"].value
    x = np.array([least, paper.mean["fr"].value, most])
    rising, falling = (x - least) / (most - least), (most - x) / (most - least)
    ends = [*rising[[0, -1]], *falling[[-1, 0]]] == [0, 1, 0, 1]
    holds = ends and bool((np.diff(rising) > 0).all() and (np.diff(falling) < 0).all())
    yield check("section_3_1_2_standardised", holds=holds)


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
        patents_as_published=2 - divergences["divergence"]["invention_patents_granted"],
        # As published, 1 - e lies between 1 and 2; the smallest share is that of a 1 among 2s.
        smallest_as_published=100 / (1 + 2 * (len(paper.weight) - 1)),
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
    yield check("section_3_2_fin", amount=mean.map(exp))
    rho = paper.correlation["fin"]
    yield check("table_2_fin_correlation", published=rho)
    yield from correlation_stars("table_2_fin_correlation_stars", rho, n, sample.n_provinces)


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

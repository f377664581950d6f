"""Synthetic raw seeds of the SCDBI: data that no public table provides, generated reproducibly.

Eighteen of the index's 23 indicators, and two control variables of its regressions, are not
available as public province tables. This module generates them from the official data of
`seeds/raw/nbs.csv`, so that they reproduce national totals, the moments of Song & Liu (2025, Table
2) and the regression planted in `seeds/catalog/planted_effects.csv`. For the recipe and its limits
see `docs/methods/synthetic_data.md`. From the project's root:

    python -m synthetic.provinces            writes seeds/raw/synthetic_*.csv
    python -m synthetic.provinces --report   prints targets and results

Every variable is a *grid*, an array of 31 provinces (in the order of their codes) x 10 years.
Every indicator uses its own named random stream, so adding one does not change the others. It is
rounded before other values are computed from it, so the planted effects hold for the values in the
files.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.optimize import brentq
from scipy.special import expit, ndtri
from scipy.stats import rankdata

Vector = NDArray[np.float64]
Grid = NDArray[np.float64]
Panel = dict[str, Grid]

SEED = 24
YEARS = np.arange(2011, 2021)
REGIONS = {
    "east": (11, 12, 13, 21, 31, 32, 33, 35, 37, 44, 46),
    "central": (14, 22, 23, 34, 36, 41, 42, 43),
    "west": (15, 45, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65),
}
PROVINCES = np.array(sorted(code for codes in REGIONS.values() for code in codes))
SHAPE = (len(PROVINCES), len(YEARS))

# The index (design, sections 5 and 6) -----------------------------------------------------------

DIMENSIONS = {
    "data_infrastructure": (
        "optical_cable_length_10k_km",
        "broadband_access_ports_10k",
        "broadband_subscribers_10k_households",
        "mobile_base_stations_10k",
        "internet_domain_names_10k",
    ),
    "digital_technology": (
        "invention_patents_granted",
        "patents_granted",
        "invention_patent_applications",
        "tech_market_turnover_100m_yuan",
        "science_technology_expenditure_100m_yuan",
    ),
    "credit_efficiency": (
        "npl_ratio_percent",
        "sme_credit_coverage_percent",
        "loan_approval_days",
        "financing_satisfaction_percent",
        "credit_report_queries_10k",
    ),
    "user_application": (
        "mobile_penetration_per_100_persons",
        "internet_users_10k_persons",
        "ecommerce_sales_100m_yuan",
        "digital_payment_volume_100m_yuan",
    ),
    "policy_coordination": (
        "local_credit_regulations",
        "open_government_datasets",
        "joint_punishment_memoranda",
        "credit_repair_rate_percent",
    ),
}
INDICATORS = tuple(column for columns in DIMENSIONS.values() for column in columns)
NEGATIVE = ("npl_ratio_percent", "loan_approval_days")


def min_max(values: Grid) -> Grid:
    """Scale values to 0..1 over all rows."""
    return (values - values.min()) / (values.max() - values.min())


def standardized_indicator(panel: Panel, column: str) -> Grid:
    """Scale an indicator to 0..1, where 1 is best."""
    return min_max(-panel[column] if column in NEGATIVE else panel[column])


def divergence(z: Grid) -> float:
    """Return 1 - entropy of the shares z / sum z: 0 if all are equal, 1 if one row has all."""
    shares = z[z > 0] / z.sum()
    return 1 + float((shares * np.log(shares)).sum()) / np.log(z.size)


def entropy_index(panel: Panel, columns: Iterable[str]) -> tuple[Grid, dict[str, float]]:
    """Return the scores and the weights of the index over some indicators; both sum to one."""
    z = {column: standardized_indicator(panel, column) for column in columns}
    divergences = {column: divergence(z[column]) for column in z}
    total = sum(divergences.values())
    weights = {column: divergences[column] / total for column in z}
    return sum(weights[column] * z[column] / z[column].sum() for column in z), weights


def scdbi_ex_npl(panel: Panel) -> Grid:
    """Return the scores of the index without the non-performing loan ratio."""
    return entropy_index(panel, [c for c in INDICATORS if c != "npl_ratio_percent"])[0]


# The recipe of the indicators -------------------------------------------------------------------


@dataclass(frozen=True)
class Volume:
    """A quantity with a national total, distributed over the provinces in each year.

    A province's share is proportional to its `base` x exp(`spread` x latent). Between the years of
    `totals`, and beyond them, the national total grows at a constant rate. With `per_100_persons`
    the quantity is then divided by the population. `published` totals are official numbers; the
    others are a scale chosen by us.
    """

    totals: Mapping[int, float]
    base: str
    spread: float
    loading: float = 0.9
    decimals: int = 2
    per_100_persons: bool = False
    published: bool = False


@dataclass(frozen=True)
class Rate:
    """A quantity between two bounds, `worst` and `best`, both chosen by us and both attained.

    The latent, scaled to 0..1, is raised to the power that gives the target divergence. Entropy
    weights increase with the divergence of an indicator.
    """

    worst: float
    best: float
    divergence: float
    loading: float = 0.8
    decimals: int = 2


RECIPES: dict[str, Volume | Rate] = {
    "optical_cable_length_10k_km": Volume(
        {2011: 1_212, 2015: 2_486, 2020: 5_169}, "mean_population", spread=0.20, published=True
    ),
    "broadband_access_ports_10k": Volume(
        {2013: 35_900, 2015: 57_700, 2020: 94_600}, "mean_population", spread=0.20, published=True
    ),
    "broadband_subscribers_10k_households": Volume(
        {2011: 15_000, 2015: 25_950, 2020: 48_360}, "mean_population", spread=0.20, published=True
    ),
    "mobile_base_stations_10k": Volume(
        {2011: 175, 2020: 930}, "mean_population", spread=0.20, decimals=3
    ),
    "mobile_penetration_per_100_persons": Volume(  # the totals are subscribers, in 10,000
        {2011: 98_600, 2015: 127_100, 2020: 159_400},
        "population",
        spread=0.28,
        per_100_persons=True,
        published=True,
    ),
    "internet_domain_names_10k": Volume(
        {2011: 780, 2020: 4_200}, "gdp_revised_100m_yuan", spread=0.30
    ),
    "internet_users_10k_persons": Volume({2011: 51_000, 2020: 98_900}, "population", spread=0.15),
    "credit_report_queries_10k": Volume(
        {2011: 30_000, 2020: 320_000}, "mean_population", spread=0.35
    ),
    "digital_payment_volume_100m_yuan": Volume(
        {2011: 400_000, 2020: 4_300_000}, "gdp_revised_100m_yuan", spread=0.25
    ),
    "ecommerce_sales_100m_yuan": Volume(
        {2011: 60_000, 2020: 370_000}, "gdp_revised_100m_yuan", spread=0.25
    ),
    "rd_expenditure_100m_yuan": Volume(
        {2011: 8_687, 2015: 14_170, 2020: 24_393},
        "gdp_revised_100m_yuan",
        spread=0.35,
        published=True,
    ),
    "sme_credit_coverage_percent": Rate(worst=18, best=88, divergence=0.04),
    "loan_approval_days": Rate(worst=28, best=3, divergence=0.04),
    "financing_satisfaction_percent": Rate(worst=52, best=93, divergence=0.04),
    "local_credit_regulations": Rate(worst=4, best=52, divergence=0.08, decimals=0),
    "open_government_datasets": Rate(worst=80, best=4_800, divergence=0.08, decimals=0),
    "joint_punishment_memoranda": Rate(worst=4, best=58, divergence=0.08, decimals=0),
    "credit_repair_rate_percent": Rate(worst=22, best=86, divergence=0.04),
}

LATENT_NOISE_AR = 0.99


def random_stream(name: str) -> np.random.Generator:
    """Start a stream of random numbers that depends only on the seed and the name."""
    return np.random.default_rng([SEED, crc32(name.encode())])


def autoregressive(name: str, persistence: float) -> Grid:
    """Draw stationary AR(1) noise over the years of each province, with unit variance."""
    noise = random_stream(name).standard_normal(SHAPE)
    noise[:, 1:] *= np.sqrt(1 - persistence**2)
    for t in range(1, len(YEARS)):
        noise[:, t] += persistence * noise[:, t - 1]
    return noise


def standardized(values: Grid) -> Grid:
    """Subtract the mean and divide by the standard deviation."""
    return (values - values.mean()) / values.std()


def latent(name: str, loading: float, panel: Panel) -> Grid:
    """Mix the latent variable of an indicator: wealth, size and time of a province-year, and noise.

    `loading` is the weight of the first part, approximately its correlation with the result.
    """
    gdp = panel["gdp_revised_100m_yuan"]
    wealth = standardized(np.log(gdp / panel["mean_population"]))
    size = standardized(np.log(gdp))
    trend = standardized(np.broadcast_to(YEARS, SHAPE))
    development = standardized(0.45 * wealth + 0.55 * size + 0.70 * trend)
    return loading * development + np.sqrt(1 - loading**2) * autoregressive(name, LATENT_NOISE_AR)


def national_totals(totals: Mapping[int, float]) -> Vector:
    """Interpolate the national totals of all ten years, with constant growth between given ones."""
    years = sorted(totals)
    growth = make_interp_spline(years, np.log([totals[year] for year in years]), k=1)
    return np.exp(growth(YEARS))


def volume(name: str, recipe: Volume, panel: Panel) -> Grid:
    """Distribute the national totals over the provinces."""
    weights = panel[recipe.base] * np.exp(recipe.spread * latent(name, recipe.loading, panel))
    values = national_totals(recipe.totals) * weights / weights.sum(axis=0)
    return 100 * values / panel["population"] if recipe.per_100_persons else values


def rate(name: str, recipe: Rate, panel: Panel) -> Grid:
    """Place every province-year between the worst and the best."""
    position = min_max(latent(name, recipe.loading, panel))
    power = brentq(lambda power: divergence(position**power) - recipe.divergence, 0.05, 20)
    return recipe.worst + (recipe.best - recipe.worst) * position**power


# Aggregate financing and the non-performing loan ratio ------------------------------------------

# Song & Liu (2025), Table 2. The mean of the central provinces follows from the other means.
FR_MOMENTS = {"mean": 1.87, "sd": 0.65, "min": 0.92, "max": 3.54}
FR_REGION_MEANS = {"east": 1.52, "central": 1.96125, "west": 2.13}
FIN_MOMENTS = {"mean": 8.48, "sd": 0.85, "min": 3.40, "max": 10.67}
FIN_SCDBI_CORRELATION = 0.68

# Chosen by us.
FIN_TAIL_RANKS = 6.0
FIN_NOISE_AR = 0.95
FR_NOISE_SD, FR_NOISE_AR = 0.16, 0.5
FR_YEARS = np.array([-0.20, -0.18, -0.15, -0.08, 0.03, 0.10, 0.12, 0.12, 0.12, 0.12])
FR_LOWEST_PROVINCE, FR_HIGHEST_PROVINCE = 11, 62

DECIMALS = {
    **{name: recipe.decimals for name, recipe in RECIPES.items()},
    "aggregate_financing_100m_yuan": 2,
    "npl_ratio_percent": 4,
    "bond_default_rate_percent": 3,
    "loan_deposit_ratio_percent": 2,
}


def financing_margin() -> Vector:
    """Return 310 ascending values of FIN with the target mean, sd, minimum and maximum.

    A quadratic in normal quantiles, minus an exponential tail down to the minimum. Three of the
    moments are linear in the coefficients; the curvature is solved for the sd.
    """
    rank = np.arange(np.prod(SHAPE))
    normal = ndtri((rank + 0.5) / rank.size)
    shapes = np.column_stack([np.ones(rank.size), normal, -np.exp(-rank / FIN_TAIL_RANKS)])
    conditions = np.vstack([shapes.mean(axis=0), shapes[0], shapes[-1]])
    wanted = np.array([FIN_MOMENTS["mean"], FIN_MOMENTS["min"], FIN_MOMENTS["max"]])

    def margin(curvature: float) -> Vector:
        bend = curvature * normal**2
        coefficients = np.linalg.solve(conditions, wanted - [bend.mean(), bend[0], bend[-1]])
        return shapes @ coefficients + bend

    return margin(brentq(lambda c: margin(c).std(ddof=1) - FIN_MOMENTS["sd"], -0.2, 0.2))


def aggregate_financing(panel: Panel, mixing: float) -> Grid:
    """Generate financing (100 million yuan) whose log has the margin and follows size and index.

    `mixing` is the weight of log GDP and log index in the ranked variable; the rest is noise.
    """
    size = standardized(np.log(panel["gdp_revised_100m_yuan"]))
    driver = standardized(0.7 * size + 0.3 * standardized(np.log(scdbi_ex_npl(panel))))
    noise = autoregressive("aggregate_financing_100m_yuan", FIN_NOISE_AR)
    ranked = mixing * driver + np.sqrt(1 - mixing**2) * noise
    ranks = rankdata(ranked, method="ordinal").reshape(SHAPE) - 1
    return np.exp(financing_margin()[ranks])


def regressors(panel: Panel) -> Panel:
    """Return the right-hand side of the planted regression by term, from rounded values."""
    gdp = panel["gdp_as_published_100m_yuan"]
    return {
        "scdbi_ex_npl_x100": 100 * scdbi_ex_npl(panel),
        "ln_pgdp": np.log(panel["gdp_per_capita_yuan"]),
        "fin": np.log(panel["aggregate_financing_100m_yuan"]),
        "rd": 100 * panel["rd_expenditure_100m_yuan"] / gdp,
        "gov": 100 * panel["fiscal_expenditure_100m_yuan"] / gdp,
    }


def two_way_within(values: Grid) -> Grid:
    """Subtract province means and year means and add the overall mean."""
    by_province = values.mean(axis=1, keepdims=True)
    return values - by_province - values.mean(axis=0) + values.mean()


# Market and liquidity risk: mean, standard deviation and correlation with the non-performing loan
# ratio, chosen by us, so that the three have a dominant first principal component.
OTHER_RISKS = {
    "bond_default_rate_percent": (0.9, 0.15, 0.6),
    "loan_deposit_ratio_percent": (76.0, 7.0, 0.5),
}
OTHER_RISK_NOISE_AR = 0.95


def other_risk(name: str, panel: Panel) -> Grid:
    """Generate a further risk that is correlated with the non-performing loan ratio."""
    mean, sd, correlation = OTHER_RISKS[name]
    credit = standardized(panel["npl_ratio_percent"])
    noise = standardized(autoregressive(name, OTHER_RISK_NOISE_AR))
    return mean + sd * (correlation * credit + np.sqrt(1 - correlation**2) * noise)


def levels_between(lowest: Vector, highest: Vector, draw: Vector, mean: float) -> Vector:
    """Place levels with a given mean between two bounds; infinite draws lie on the bounds."""

    def levels(shift: float) -> Vector:
        return lowest + (highest - lowest) * expit(shift + draw)

    return levels(brentq(lambda shift: levels(shift).mean() - mean, -40, 40))


def npl_ratio(panel: Panel, planted: Mapping[str, float]) -> Grid:
    """Generate the non-performing loan ratio (percent): planted terms, noise, and effects.

    Province and year effects change only means, so the within part of planted terms and noise, and
    with it the two-way estimates, is unaffected. The year effects make the year means follow
    FR_YEARS. The province effects set the moments: a province's mean may lie anywhere between the
    level at which its lowest year equals the target minimum and the level at which its highest year
    equals the maximum. One province is placed at each end; the others are drawn, shifted to the
    mean of their region, and scaled to the standard deviation.
    """
    x = regressors(panel)
    if set(planted) != set(x):
        raise ValueError(f"planted terms of fr are {sorted(planted)}; expected {sorted(x)}")
    noise = FR_NOISE_SD * autoregressive("npl_ratio_percent", FR_NOISE_AR)
    moving = FR_YEARS + two_way_within(sum(planted[term] * x[term] for term in x) + noise)
    lowest = FR_MOMENTS["min"] - moving.min(axis=1)
    highest = FR_MOMENTS["max"] - moving.max(axis=1)
    draw = random_stream("npl_ratio_percent, provinces").standard_normal(len(PROVINCES))
    draw[PROVINCES == FR_LOWEST_PROVINCE] = -np.inf
    draw[PROVINCES == FR_HIGHEST_PROVINCE] = np.inf

    def ratio(stretch: float) -> Grid:
        levels = np.empty(len(PROVINCES))
        for region, mean in FR_REGION_MEANS.items():
            here = np.isin(PROVINCES, REGIONS[region])
            levels[here] = levels_between(lowest[here], highest[here], stretch * draw[here], mean)
        return levels[:, np.newaxis] + moving

    return ratio(brentq(lambda stretch: ratio(stretch).std(ddof=1) - FR_MOMENTS["sd"], 0.01, 10))


# Everything together, and the files -------------------------------------------------------------

FILES = {
    "synthetic_miit.csv": (
        "optical_cable_length_10k_km",
        "broadband_access_ports_10k",
        "broadband_subscribers_10k_households",
        "mobile_base_stations_10k",
        "mobile_penetration_per_100_persons",
    ),
    "synthetic_cnnic.csv": ("internet_domain_names_10k", "internet_users_10k_persons"),
    "synthetic_pboc.csv": (
        "npl_ratio_percent",
        "aggregate_financing_100m_yuan",
        "sme_credit_coverage_percent",
        "loan_approval_days",
        "financing_satisfaction_percent",
        "credit_report_queries_10k",
        "digital_payment_volume_100m_yuan",
        "bond_default_rate_percent",
        "loan_deposit_ratio_percent",
    ),
    "synthetic_mofcom.csv": ("ecommerce_sales_100m_yuan",),
    "synthetic_most.csv": ("rd_expenditure_100m_yuan",),
    "synthetic_pkulaw.csv": ("local_credit_regulations",),
    "synthetic_ncisp.csv": (
        "open_government_datasets",
        "joint_punishment_memoranda",
        "credit_repair_rate_percent",
    ),
}


def read_official(path: Path) -> Panel:
    """Read the official data; add population (10,000 persons), yearly and on average.

    The gaps (turnover of Tibet's technology market until 2016) count as zero.
    """
    table = pd.read_csv(path).sort_values(["province_code", "year"])
    expected = [(province, year) for province in PROVINCES for year in YEARS]
    if list(zip(table["province_code"], table["year"], strict=True)) != expected:
        raise ValueError(f"{path}: expected one row for each of 31 provinces in each of 2011-2020")
    observed = table.drop(columns=["province_code", "year"]).fillna(0).astype(float)
    panel = {str(column): observed[column].to_numpy().reshape(SHAPE) for column in observed}
    gdp, gdp_per_capita = panel["gdp_as_published_100m_yuan"], panel["gdp_per_capita_yuan"]
    population = 10_000 * gdp / gdp_per_capita
    mean_population = np.broadcast_to(population.mean(axis=1, keepdims=True), SHAPE)
    return panel | {"population": population, "mean_population": mean_population}


def read_planted(path: Path) -> dict[str, float]:
    """Read the planted coefficients of FR by term."""
    table = pd.read_csv(path).query("outcome == 'fr'")
    return dict(zip(table["term"], table["coefficient"].astype(float), strict=True))


def fin_scdbi_correlation(panel: Panel) -> float:
    """Correlate the logarithm of aggregate financing with the full index."""
    fin = np.log(panel["aggregate_financing_100m_yuan"])
    index, _ = entropy_index(panel, INDICATORS)
    return float(np.corrcoef(fin.ravel(), index.ravel())[0, 1])


def generate(official: Panel, planted: Mapping[str, float]) -> Panel:
    """Return official and synthetic grids together, the latter rounded as in their files."""
    panel = dict(official)

    def add(to: Panel, name: str, values: Grid) -> None:
        to[name] = np.round(values, DECIMALS[name])

    for name, recipe in RECIPES.items():
        make = volume if isinstance(recipe, Volume) else rate
        add(panel, name, make(name, recipe, panel))

    def with_outcome(mixing: float) -> Panel:
        complete = dict(panel)
        add(complete, "aggregate_financing_100m_yuan", aggregate_financing(complete, mixing))
        add(complete, "npl_ratio_percent", npl_ratio(complete, planted))
        return complete

    # A coarse grid: ranks, and therefore bytes, must not depend on the last bit of a solver.
    candidates = (with_outcome(mixing) for mixing in np.arange(100, 200) / 200)
    best = min(candidates, key=lambda c: abs(fin_scdbi_correlation(c) - FIN_SCDBI_CORRELATION))
    for name in OTHER_RISKS:
        add(best, name, other_risk(name, best))
    return best


def write(panel: Panel, folder: Path) -> None:
    """Write the synthetic grids: a file per agency, a row per province and year."""
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, columns in FILES.items():
        lines = [",".join(["province_code", "year", *columns])]
        for i, t in np.ndindex(SHAPE):
            cells = [f"{panel[column][i, t]:.{DECIMALS[column]}f}" for column in columns]
            lines.append(",".join([str(PROVINCES[i]), str(YEARS[t]), *cells]))
        text = "\n".join(lines) + "\n"
        (folder / file_name).write_text(text, encoding="utf-8", newline="\n")


# The report -------------------------------------------------------------------------------------


def moments(values: Grid) -> dict[str, float]:
    """Return mean, sample standard deviation, minimum and maximum over all rows."""
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
    }


def two_way_estimates(panel: Panel) -> dict[str, tuple[float, float]]:
    """Estimate FR with two-way fixed effects: estimates and standard errors by term.

    Clustered by province, CR1 as in fixest and reghdfe: the province effects, nested in the
    clusters, do not count.
    """
    terms = regressors(panel)
    x = np.stack([two_way_within(values) for values in terms.values()], axis=-1)
    y = two_way_within(panel["npl_ratio_percent"])
    bread = np.linalg.inv(np.einsum("itk,itl->kl", x, x))
    estimates = bread @ np.einsum("itk,it->k", x, y)
    scores = np.einsum("itk,it->ik", x, y - x @ estimates)
    units, periods = SHAPE
    factor = (y.size - 1) / (y.size - len(terms) - periods) * units / (units - 1)
    errors = np.sqrt(factor * np.diag(bread @ scores.T @ scores @ bread))
    return {term: (estimates[k], errors[k]) for k, term in enumerate(terms)}


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a Markdown table: first column left-aligned, the others right-aligned."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def report(panel: Panel, planted: Mapping[str, float]) -> str:
    """Report targets and results as Markdown tables."""
    fr, fin = panel["npl_ratio_percent"], np.log(panel["aggregate_financing_100m_yuan"])
    index, weights = entropy_index(panel, INDICATORS)

    anchors = []
    for name, recipe in RECIPES.items():
        if isinstance(recipe, Volume) and recipe.published:
            counted = panel["population"] / 100 if recipe.per_100_persons else 1
            sums = (panel[name] * counted).sum(axis=0)
            label = "mobile_penetration x population / 100" if recipe.per_100_persons else name
            for year, total in recipe.totals.items():
                achieved = sums[year - YEARS[0]]
                anchors.append((f"{label}, {year}", f"{total:,}", f"{achieved:,.1f}"))
    for name, values, wanted in (("FR", fr, FR_MOMENTS), ("FIN", fin, FIN_MOMENTS)):
        for moment, achieved in moments(values).items():
            anchors.append((f"{name}, {moment}", f"{wanted[moment]:.2f}", f"{achieved:.4f}"))
    for region in ("east", "west"):
        achieved = fr[np.isin(PROVINCES, REGIONS[region])].mean()
        wanted_mean = f"{FR_REGION_MEANS[region]:.2f}"
        anchors.append((f"FR, mean of the {region}", wanted_mean, f"{achieved:.4f}"))
    correlation = f"{fin_scdbi_correlation(panel):.4f}"
    anchors.append(("correlation of FIN and SCDBI", f"{FIN_SCDBI_CORRELATION}", correlation))

    estimates = [
        (term, f"{planted[term]:.2f}", f"{estimate:.3f}", f"{error:.3f}")
        for term, (estimate, error) in two_way_estimates(panel).items()
    ]

    free = []
    pgdp = moments(panel["gdp_per_capita_yuan"])
    for moment, paper in {"mean": 56_800, "sd": 23_400, "min": 12_300, "max": 156_700}.items():
        free.append((f"PGDP, {moment}", f"{paper:,}", f"{pgdp[moment]:,.0f}"))
    scdbi = moments(index)
    for moment, paper in {"mean": 0.0032, "sd": 0.0026, "min": 0.0003, "max": 0.0166}.items():
        free.append((f"SCDBI, {moment}", f"{paper:.4f}", f"{scdbi[moment]:.4f}"))
    for (dimension, columns), paper in zip(
        DIMENSIONS.items(), (28.6, 25.3, 20.5, 15.2, 10.4), strict=True
    ):
        weight = 100 * sum(weights[column] for column in columns)
        free.append((f"weight of {dimension}, %", f"{paper}", f"{weight:.1f}"))

    ranges = []
    for name in (column for columns in FILES.values() for column in columns):
        values, growth = panel[name], panel[name][:, 1:] / panel[name][:, :-1]
        ranges.append(
            (
                name,
                *(f"{v:,.{DECIMALS[name]}f}" for v in (values.min(), values.max())),
                *(f"{v:.2f}" for v in (growth.min(), growth.max())),
                f"{divergence(standardized_indicator(panel, name)):.3f}",
            )
        )

    range_header = [
        "synthetic column",
        "min",
        "max",
        "smallest step",
        "largest step",
        "1 - entropy",
    ]
    return "\n\n".join(
        [
            markdown(["anchor", "target", "achieved"], anchors),
            markdown(["term", "planted", "estimated", "standard error"], estimates),
            markdown(["not aimed at", "paper", "here"], free),
            markdown(range_header, ranges),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the synthetic seeds, or report on them."""
    parser = argparse.ArgumentParser(
        prog="python -m synthetic.provinces",
        description="Generate the synthetic raw seeds of the SCDBI, from the project's root.",
    )
    parser.add_argument("--out", type=Path, default=Path("seeds/raw"), help="folder to write to")
    parser.add_argument("--report", action="store_true", help="print tables and write nothing")
    options = parser.parse_args(arguments)

    planted = read_planted(Path("seeds/catalog/planted_effects.csv"))
    panel = generate(read_official(Path("seeds/raw/nbs.csv")), planted)
    if options.report:
        print(report(panel, planted))
    else:
        write(panel, options.out)


if __name__ == "__main__":
    main()

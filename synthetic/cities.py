"""Synthetic seeds of the CEI: 284 cities' category values, third-class indicators, judgements.

Lin & Gu (2015) publish no data. This module generates synthetic data reproducibly. It reproduces
three properties of the paper: the correlations of the six city rankings (Table 2), the four leading
cities (section III), and the experts' weights of the first-class indices (section IV). All other
parameters were chosen by us, and no value describes a real city. For the recipe and its results see
section "The CEI" of `docs/methods/synthetic_data.md`. From the project's root:

    python -m synthetic.cities            writes the three files below
    python -m synthetic.cities --report   prints targets and results

    seeds/raw/synthetic_cei_categories.csv    a row per city, a column per first-class index
    seeds/raw/synthetic_cei_indicators.csv    a row per city, a column per third-class index
    seeds/catalog/ahp_judgements.csv          a row per parent, expert and pair of its children

*Ranks* are an array of 284 cities x 6 categories, each column a permutation of 1..284; 1 is best.
Every draw uses its own named random stream, as in `provinces`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from synthetic.provinces import Vector, markdown, random_stream, standardized

Ranks = NDArray[np.int64]

EDITION = 2012  # measures April 2011 to March 2012
CATEGORIES = (
    "credit_launch",
    "enterprise_risk_management",
    "credit_reporting_system",
    "government_credit_monitoring",
    "dishonesty",
    "credit_education",
)

# Lin & Gu (2015) --------------------------------------------------------------------------------

# Table 2: correlations of the city rankings, in the order of CATEGORIES.
CORRELATIONS = np.array(
    [
        [1.0000, 0.1576, 0.1933, 0.1539, 0.0849, 0.1654],
        [0.1576, 1.0000, -0.0149, -0.1805, -0.1170, -0.2306],
        [0.1933, -0.0149, 1.0000, 0.3502, 0.2343, 0.4114],
        [0.1539, -0.1805, 0.3502, 1.0000, 0.2306, 0.4438],
        [0.0849, -0.1170, 0.2343, 0.2306, 1.0000, 0.0847],
        [0.1654, -0.2306, 0.4114, 0.4438, 0.0847, 1.0000],
    ]
)
EIGENVALUES = (2.05339008, 1.19043649, 0.93281021, 0.74256708, 0.60828125, 0.47251488)  # Table 3
Z1_COEFFICIENTS = np.array([0.244189, -0.210139, 0.496945, 0.526149, 0.310926, 0.525120])  # eq. 5
LEADERS = ("4406", "3100", "3206", "1100")  # Foshan, Shanghai, Nantong, Beijing: best by Z1


# The catalog ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Catalog:
    """Inputs of the generator, from the seeds.

    `cities`: four-digit codes, ascending. `wealth` and `size`: GDP per capita (yuan) and GDP (100
    million yuan) of 2011 by two-digit province. `weights`: the published weights of the seven
    first-class indices. `children`: the children of every node of `cei_full`, nodes or
    indicators, by parent, the questionnaire included. `sides`: category and direction (1 or -1)
    by indicator of `cei_full`.
    """

    cities: tuple[str, ...]
    wealth: Mapping[str, float]
    size: Mapping[str, float]
    weights: Mapping[str, float]
    children: Mapping[str, Sequence[str]]
    sides: Mapping[str, tuple[str, int]]


def read_catalog(seeds: Path) -> Catalog:
    """Read cities, data of provinces and the hierarchy of the CEI."""
    units = pd.read_csv(seeds / "catalog" / "units.csv", dtype=str)["unit_id"]
    nbs = pd.read_csv(seeds / "raw" / "nbs.csv", dtype={"province_code": str})
    nodes = pd.read_csv(seeds / "catalog" / "index_nodes.csv", dtype={"fixed_weight": float})
    leaves = pd.read_csv(seeds / "catalog" / "index_indicators.csv")
    leaves = leaves[leaves["index_code"] == "cei_full"]
    first_class = nodes[(nodes["index_code"] == "cei") & nodes["parent_code"].notna()]
    inner = nodes[(nodes["index_code"] == "cei_full") & nodes["parent_code"].notna()]

    parents = dict(zip(inner["node_code"], inner["parent_code"], strict=True))
    parents |= dict(zip(leaves["indicator_code"], leaves["node_code"], strict=True))
    children: dict[str, list[str]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)
    sides = {
        leaf: (parents[node], int(direction))
        for leaf, node, direction in leaves[
            ["indicator_code", "node_code", "direction"]
        ].itertuples(index=False)
        if parents[node] in CATEGORIES
    }
    year = nbs[nbs["year"] == EDITION - 1]
    return Catalog(
        cities=tuple(sorted(units[units.str.len() == 4])),
        wealth=dict(zip(year["province_code"], year["gdp_per_capita_yuan"], strict=True)),
        size=dict(zip(year["province_code"], year["gdp_revised_100m_yuan"], strict=True)),
        weights=dict(zip(first_class["node_code"], first_class["fixed_weight"], strict=True)),
        children=children,
        sides=sides,
    )


# Ranks with the correlations of Table 2 ---------------------------------------------------------

COPULA_DRAW = (
    6  # of 24: with the largest gaps between the five lowest Z1, so the leaders' order is clear
)
COPULA_ROUNDS = 30
COPULA_STEP = 0.7
SWAPS_TRIED = 400_000


def rank_correlations(ranks: Ranks) -> NDArray[np.float64]:
    """Correlate the columns of ranks (6 x 6), from exact sums of integers."""
    n = len(ranks)
    products = 12 * (ranks.T @ ranks) - 3 * n * (n + 1) ** 2
    return products / (n * (n * n - 1))


def copula_ranks(cities: int) -> Ranks:
    """Rank a Gaussian sample, adjusting its correlations until those of the ranks are on target.

    The Cholesky decomposition raises if the adjusted matrix is not positive definite.
    """
    normals = random_stream(f"cei, copula {COPULA_DRAW}").standard_normal((cities, len(CATEGORIES)))
    target = CORRELATIONS.copy()
    for step in range(COPULA_ROUNDS):
        sample = normals @ np.linalg.cholesky(target).T
        ranks = sample.argsort(axis=0).argsort(axis=0) + 1
        if step < COPULA_ROUNDS - 1:
            target += COPULA_STEP * (CORRELATIONS - rank_correlations(ranks))
    return ranks


def swapped(ranks: Ranks) -> Ranks:
    """Swap two cities' ranks within a category if that brings the correlations closer to target.

    Sums of products are integers, so acceptance does not depend on rounding.
    """
    n, k = ranks.shape
    scale = n * (n * n - 1) / 12
    columns = ranks.T.tolist()
    distance = (scale * (rank_correlations(ranks) - CORRELATIONS)).tolist()
    draws = random_stream("cei, swaps").integers((k, n, n), size=(SWAPS_TRIED, 3)).tolist()
    for j, a, b in draws:
        here = columns[j]
        others = [m for m in range(k) if m != j]
        changes = [(here[b] - here[a]) * (columns[m][a] - columns[m][b]) for m in others]
        gain = 0.0
        for m, change in zip(others, changes, strict=True):
            gain -= change * (2 * distance[j][m] + change)
        if gain > 0:
            here[a], here[b] = here[b], here[a]
            for m, change in zip(others, changes, strict=True):
                distance[j][m] += change
                distance[m][j] += change
    return np.array(columns, dtype=np.int64).T


def z1(ranks: Ranks) -> Vector:
    """Return the first principal component of the standardised rankings, eq. (5); low is good."""
    return standardized(ranks.astype(float)) @ Z1_COEFFICIENTS


# Assignment of rows to cities -------------------------------------------------------------------

# Chosen by us, except the lists of municipalities, sub-provincial cities and capitals.
SUB_PROVINCIAL = (
    *("2101", "2102", "2201", "2301", "3201", "3301", "3302", "3502"),
    *("3701", "3702", "4201", "4401", "4403", "5101", "6101"),
)
LARGE_CITIES = (
    *("3205", "3202", "3206", "3204", "3210", "3211", "3203"),  # Suzhou, Wuxi, Nantong, ...
    *("3303", "3304", "3306", "3307", "3310"),  # Wenzhou, Jiaxing, Shaoxing, Jinhua, Taizhou
    *("4406", "4419", "4404", "4420", "4413"),  # Foshan, Dongguan, Zhuhai, Zhongshan, Huizhou
    *("3706", "3703", "3707", "3710", "3705"),  # Yantai, Zibo, Weifang, Weihai, Dongying
    *("3505", "1302", "1506", "1502", "4103"),  # Quanzhou, Tangshan, Ordos, Baotou, Luoyang
)
WEALTH_WEIGHT, SIZE_WEIGHT = 0.5, 0.3
RANK_POINTS = {"municipality": 3.0, "sub-provincial": 2.2, "capital": 1.4, "large": 1.4}
PRIOR_NOISE = 0.3
SCORE_SHARE = 0.85  # of the standing by which rows are assigned; the rest is -Z1


def administrative_rank(city: str) -> str:
    """Return the key of RANK_POINTS for a city's code, or an empty string."""
    if city.endswith("00"):
        return "municipality"
    if city in SUB_PROVINCIAL:
        return "sub-provincial"
    if city.endswith("01"):
        return "capital"
    return "large" if city in LARGE_CITIES else ""


def prior_standing(catalog: Catalog) -> Vector:
    """Return the expected standing of each city, before any value of the CEI."""
    wealth = standardized(np.log([catalog.wealth[city[:2]] for city in catalog.cities]))
    size = standardized(np.log([catalog.size[city[:2]] for city in catalog.cities]))
    points = [RANK_POINTS.get(administrative_rank(city), 0.0) for city in catalog.cities]
    noise = random_stream("cei, prior").standard_normal(len(catalog.cities))
    province = WEALTH_WEIGHT * wealth + SIZE_WEIGHT * size
    return province + np.array(points) + PRIOR_NOISE * noise


def published_weight_scores(values: NDArray[np.float64], weights: Mapping[str, float]) -> Vector:
    """Return the weighted mean, eq. (3), of modified efficacy scores, eq. (2), of six categories.

    The seventh, corporate experience, has no values.
    """
    spread = values.max(axis=0) - values.min(axis=0)
    scores = 60 + 40 * (values - values.min(axis=0)) / spread
    w = np.array([weights[category] for category in CATEGORIES])
    return scores @ w / w.sum()


def row_of_each_city(ranks: Ranks, catalog: Catalog) -> NDArray[np.int64]:
    """Assign rows of ranks to cities: to the four leaders by Z1, to others by standing and prior.

    The assignment does not change correlations.
    """
    scores = published_weight_scores(category_values(ranks), catalog.weights)
    standing = SCORE_SHARE * standardized(scores) - (1 - SCORE_SHARE) * standardized(z1(ranks))
    prior = dict(zip(catalog.cities, prior_standing(catalog), strict=True))
    leading_rows = z1(ranks).argsort()[: len(LEADERS)].tolist()
    other_rows = [row for row in (-standing).argsort().tolist() if row not in leading_rows]
    others = sorted(set(catalog.cities) - set(LEADERS), key=lambda city: -prior[city])
    row = dict(zip([*LEADERS, *others], [*leading_rows, *other_rows], strict=True))
    return np.array([row[city] for city in catalog.cities])


def city_ranks(catalog: Catalog) -> Ranks:
    """Return the ranks by city (in the order of codes) and category."""
    ranks = swapped(copula_ranks(len(catalog.cities)))
    return ranks[row_of_each_city(ranks, catalog)]


# Category values --------------------------------------------------------------------------------

VALUE_MEANS = (62, 55, 52, 58, 64, 56)  # points of 0..100, chosen by us
VALUE_SDS = (11, 10, 12, 11, 9, 12)


def normal_scores(ranks: Ranks) -> NDArray[np.float64]:
    """Return the standard normal quantile of each rank; the best rank has the highest."""
    return ndtri((len(ranks) + 0.5 - ranks) / len(ranks))


def category_values(ranks: Ranks) -> NDArray[np.float64]:
    """Return points (0..100, two decimals), normal over the cities, distinct like the ranks."""
    return np.round(np.array(VALUE_MEANS) + np.array(VALUE_SDS) * normal_scores(ranks), 2)


# Third-class indicators -------------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    """Percent or points: 100 / (1 + exp(-x)), x normal around the logit of the `median`."""

    median: float
    spread: float
    loading: float = 0.8
    decimals: int = 2

    def values(self, latent: Vector) -> Vector:
        """Map a standard normal latent into 0..100."""
        return 100 * expit(logit(self.median / 100) + self.spread * latent)


@dataclass(frozen=True)
class Amount:
    """A quantity above zero: log-normal around the `median`; without decimals, a count."""

    median: float
    spread: float
    loading: float = 0.8
    decimals: int = 0

    def values(self, latent: Vector) -> Vector:
        """Map a standard normal latent to above zero."""
        return self.median * np.exp(self.spread * latent)


@dataclass(frozen=True)
class YesNo:
    """1 for the given `share` of cities with the highest latent (in expectation), else 0."""

    share: float
    loading: float = 0.8
    decimals: int = 0

    def values(self, latent: Vector) -> Vector:
        """Map a standard normal latent to 0 or 1."""
        return (latent > ndtri(1 - self.share)).astype(float)


# Medians, spreads and loadings were chosen by us to resemble a prefecture in 2011/12.
RECIPES: dict[str, Share | Amount | YesNo] = {
    "consumer_credit_to_gdp": Amount(14, spread=0.40, decimals=2),
    "sme_share_of_loans": Share(42, spread=0.45),
    "credit_sales_share_of_contracts": Share(38, spread=0.50, loading=0.85),
    "credit_sales_to_gdp": Amount(26, spread=0.35, loading=0.85, decimals=2),
    "honoured_share_of_credit_sales": Share(81, spread=0.40, loading=0.75),
    "enterprises_with_credit_department": Share(11, spread=0.60, loading=0.85),
    "clients_of_credit_reporting_agencies": Amount(120, spread=0.90, loading=0.85),
    "licensed_credit_managers": Amount(1.6, spread=0.70, decimals=2),
    "risk_management_trainees": Amount(260, spread=0.90),
    "risk_management_graduates": Amount(45, spread=1.00, loading=0.7),
    "themis_index": Share(63, spread=0.45, loading=0.7, decimals=1),
    "types_of_credit_agencies": Amount(3.2, spread=0.35),
    "number_of_credit_agencies": Amount(8, spread=0.80, loading=0.85),
    "types_of_credit_products": Amount(9, spread=0.50),
    "enterprises_consulted": Share(16, spread=0.60, loading=0.85),
    "individuals_consulted": Share(9, spread=0.50),
    "local_governments_with_monitoring": Share(34, spread=0.90, loading=0.85),
    "state_of_credit_infrastructure": Share(52, spread=0.60, loading=0.9, decimals=1),
    "blacklist_system": YesNo(0.40),
    "credit_bylaws_established": Amount(6, spread=0.60),
    "credit_standards_established": Amount(4, spread=0.60),
    "national_standards_implemented": Share(48, spread=0.70),
    "swindling_crimes": Amount(180, spread=0.70, loading=0.85),
    "money_in_swindling_crimes": Amount(95, spread=0.90, decimals=1),
    "counterfeit_goods_crimes": Amount(24, spread=0.70),
    "major_discredit_crimes": Amount(9, spread=0.60),
    "bribery_and_corruption_crimes": Amount(85, spread=0.55, loading=0.75),
    "personnel_for_credit_system": YesNo(0.55),
    "credit_education_events": Amount(18, spread=0.70, loading=0.85),
    "credit_education_online": YesNo(0.50),
}
LISTED = "themis_index"  # only for cities with listed companies
UNLISTED_SHARE = 0.4
UNLISTED_NOISE = 0.8


def unlisted_cities(catalog: Catalog) -> NDArray[np.bool_]:
    """Mark the cities without listed companies: those of low prior standing, with some noise.

    No municipality, capital, sub-provincial city or city of LARGE_CITIES is among them.
    """
    noise = random_stream("cei, listed companies").standard_normal(len(catalog.cities))
    ranked = np.array([administrative_rank(city) != "" for city in catalog.cities])
    standing = prior_standing(catalog) + UNLISTED_NOISE * noise
    order = np.where(ranked, np.inf, standing).argsort(kind="stable")
    unlisted = np.zeros(len(order), dtype=bool)
    unlisted[order[: round(UNLISTED_SHARE * len(order))]] = True
    return unlisted


def indicator(name: str, scores: Vector, direction: int) -> Vector:
    """Make an indicator (its own unit) from the normal scores of its category's ranks."""
    recipe = RECIPES[name]
    noise = random_stream(name).standard_normal(len(scores))
    latent = recipe.loading * scores + np.sqrt(1 - recipe.loading**2) * noise
    return np.round(recipe.values(direction * latent), recipe.decimals)


def indicators(ranks: Ranks, catalog: Catalog) -> dict[str, Vector]:
    """Return the third-class indicators by code, in the order of the catalog; NaN is a gap."""
    if set(RECIPES) != set(catalog.sides):
        odd = sorted(set(RECIPES) ^ set(catalog.sides))
        raise ValueError(f"indicators of cei_full and recipes differ: {odd}")
    scores = dict(zip(CATEGORIES, normal_scores(ranks).T, strict=True))
    columns = {
        name: indicator(name, scores[category], direction)
        for name, (category, direction) in catalog.sides.items()
    }
    columns[LISTED][unlisted_cities(catalog)] = np.nan
    return columns


# Judgements -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expert:
    """A model of an expert: opinions of items, errors per pair (sd of logs), steps of answers."""

    opinion: float
    slip: float
    step: float = 1.0
    unanswered: tuple[frozenset[str], ...] = ()


EXPERTS = {
    "synthetic_expert_1": Expert(opinion=0.10, slip=0.15),
    "synthetic_expert_2": Expert(opinion=0.20, slip=0.30),
    "synthetic_expert_3": Expert(opinion=0.15, slip=0.25, step=0.5),
    "synthetic_expert_4": Expert(
        opinion=0.25,
        slip=0.40,
        unanswered=(
            frozenset({"credit_reporting_system", "corporate_experience"}),
            frozenset({"government_credit_monitoring", "credit_education"}),
        ),
    ),
}

# The experts' weights below the first class, chosen by us; only ratios matter.
IMPORTANCES = {
    "credit_instrument_launch": 3,
    "commercial_credit_sales": 2,
    "credit_management_departments": 4,
    "risk_management_talents": 2,
    "enterprise_financial_risk": 2,
    "credit_reporting_industry": 2,
    "credit_reports_and_products": 1,
    "use_of_public_credit_reporting": 3,
    "monitoring_departments": 2,
    "credit_infrastructure": 3,
    "credit_bylaws": 2,
    "economic_law_cases": 2,
    "major_discredit_cases": 1,
    "credit_system_build_up": 1,
    "status_of_credit_education": 2,
    "consumer_credit_to_gdp": 2,
    "sme_share_of_loans": 3,
    "credit_sales_share_of_contracts": 2,
    "credit_sales_to_gdp": 2,
    "honoured_share_of_credit_sales": 4,
    "enterprises_with_credit_department": 3,
    "clients_of_credit_reporting_agencies": 1,
    "licensed_credit_managers": 4,
    "risk_management_trainees": 2,
    "risk_management_graduates": 1,
    "types_of_credit_agencies": 1,
    "number_of_credit_agencies": 2,
    "enterprises_consulted": 2,
    "individuals_consulted": 1,
    "state_of_credit_infrastructure": 2,
    "blacklist_system": 3,
    "credit_bylaws_established": 2,
    "credit_standards_established": 1,
    "national_standards_implemented": 2,
    "swindling_crimes": 3,
    "money_in_swindling_crimes": 3,
    "counterfeit_goods_crimes": 2,
    "major_discredit_crimes": 2,
    "bribery_and_corruption_crimes": 1,
    "credit_education_events": 2,
    "credit_education_online": 1,
}
RANDOM_INDEX = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32}  # Saaty (1980)
ACCEPTED_RATIO = 0.10

Answers = dict[tuple[str, str], float]


def answers(expert: Expert, items: Sequence[str], weights: Vector, stream: str) -> Answers:
    """Draw an expert's judgements of all pairs: keys (more, less important), values 1..9.

    The first sufficiently consistent draw is kept, as experts are asked to revise inconsistent
    ones.
    """
    draw = random_stream(stream)
    while True:
        opinions = np.log(weights) + expert.opinion * draw.standard_normal(len(items))
        given: Answers = {}
        for a, b in combinations(range(len(items)), 2):
            felt = opinions[a] - opinions[b] + expert.slip * draw.standard_normal()
            size = np.clip(np.exp(abs(felt)) / expert.step, 1 / expert.step, 9 / expert.step)
            judgement = expert.step * round(float(size))
            pair = (items[a], items[b]) if felt >= 0 or judgement == 1 else (items[b], items[a])
            if frozenset(pair) not in expert.unanswered:
                given[pair] = judgement
        if consistency_ratio(items, given) < ACCEPTED_RATIO:
            return given


def pairwise_matrix(items: Sequence[str], given: Mapping[tuple[str, str], float]) -> NDArray:
    """Return the positive reciprocal matrix, with missing pairs as in Harker (1987).

    A missing pair is zero, and the diagonal grows by the number of gaps in its row.
    """
    position = {item: i for i, item in enumerate(items)}
    matrix = np.zeros((len(items), len(items)))
    for (a, b), judgement in given.items():
        matrix[position[a], position[b]] = judgement
        matrix[position[b], position[a]] = 1 / judgement
    gaps = (matrix == 0).sum(axis=1)  # the diagonal counts as one
    return matrix + np.diag(gaps)


def principal(matrix: NDArray) -> tuple[float, Vector]:
    """Return the largest eigenvalue of a positive matrix and its eigenvector with sum one."""
    values, vectors = np.linalg.eig(matrix)
    first = values.real.argmax()
    vector = np.abs(vectors[:, first].real)
    return float(values[first].real), vector / vector.sum()


def consistency_ratio(items: Sequence[str], given: Mapping[tuple[str, str], float]) -> float:
    """Return Saaty's consistency ratio; the random index shrinks with the pairs left out."""
    n = len(items)
    if n < 3:
        return 0.0
    left_out = n * (n - 1) // 2 - len(given)
    random_index = RANDOM_INDEX[n] * (1 - 2 * left_out / ((n - 1) * (n - 2)))
    eigenvalue, _ = principal(pairwise_matrix(items, given))
    return max(0.0, (eigenvalue - n) / (n - 1)) / random_index


def group_answers(by_expert: Iterable[Answers]) -> Answers:
    """Return the geometric mean of the judgements of each pair over the experts who answered."""
    logs: dict[tuple[str, str], list[float]] = {}
    for given in by_expert:
        for (a, b), judgement in given.items():
            if (b, a) in logs:
                logs[b, a].append(-np.log(judgement))
            else:
                logs.setdefault((a, b), []).append(np.log(judgement))
    return {pair: float(np.exp(np.mean(values))) for pair, values in logs.items()}


def judgements(catalog: Catalog) -> dict[str, dict[str, Answers]]:
    """Return the answers by parent and expert, for every parent with at least two children."""
    importances = IMPORTANCES | dict(catalog.weights)
    return {
        parent: {
            name: answers(
                expert,
                items,
                np.array([importances[item] for item in items]),
                f"{parent}, {name}",
            )
            for name, expert in EXPERTS.items()
        }
        for parent, items in catalog.children.items()
        if len(items) > 1
    }


# Everything together, and the files -------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """The generated data: arrays by city, and answers by parent and expert."""

    ranks: Ranks
    values: NDArray[np.float64]
    indicators: dict[str, Vector]
    judgements: dict[str, dict[str, Answers]]


def generate(catalog: Catalog) -> Made:
    """Generate ranks, category values, indicators and judgements."""
    ranks = city_ranks(catalog)
    return Made(ranks, category_values(ranks), indicators(ranks, catalog), judgements(catalog))


def write_lines(path: Path, lines: Iterable[Sequence[str]]) -> None:
    """Write cells that need no quotes as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(",".join(line) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8", newline="\n")


def city_lines(
    cities: Sequence[str], columns: Mapping[str, Vector], decimals: Mapping[str, int]
) -> list[list[str]]:
    """Lay out columns as a header and a line per city; NaN becomes an empty cell."""
    lines = [["city_code", "edition", *columns]]
    for i, city in enumerate(cities):
        cells = [
            "" if np.isnan(column[i]) else f"{column[i]:.{decimals[name]}f}"
            for name, column in columns.items()
        ]
        lines.append([city, str(EDITION), *cells])
    return lines


def write(made: Made, cities: Sequence[str], raw: Path, catalog: Path) -> None:
    """Write the three files."""
    values = {
        f"category_{name}": column for name, column in zip(CATEGORIES, made.values.T, strict=True)
    }
    lines = city_lines(cities, values, dict.fromkeys(values, 2))
    write_lines(raw / "synthetic_cei_categories.csv", lines)
    decimals = {name: recipe.decimals for name, recipe in RECIPES.items()}
    lines = city_lines(cities, made.indicators, decimals)
    write_lines(raw / "synthetic_cei_indicators.csv", lines)
    header = ["index_code", "parent_code", "expert_id", "item_a", "item_b", "judgement"]
    rows = [
        ["cei_full", parent, expert, a, b, f"{judgement:g}"]
        for parent, by_expert in made.judgements.items()
        for expert, given in by_expert.items()
        for (a, b), judgement in given.items()
    ]
    write_lines(catalog / "ahp_judgements.csv", [header, *rows])


# The report -------------------------------------------------------------------------------------


def rank_of(goodness: Vector) -> NDArray[np.int64]:
    """Rank cities, the highest first."""
    return (-goodness).argsort().argsort() + 1


def report(made: Made, catalog: Catalog) -> str:
    """Report targets and results as Markdown tables."""
    reached = rank_correlations(made.ranks)
    correlations = [
        (f"{CATEGORIES[i]}, {CATEGORIES[j]}", f"{CORRELATIONS[i, j]:.4f}", f"{reached[i, j]:.6f}")
        for i, j in combinations(range(len(CATEGORIES)), 2)
    ]

    eigenvalues = np.linalg.eigvalsh(reached)[::-1]
    z, scores = z1(made.ranks), published_weight_scores(made.values, catalog.weights)
    by_z1, by_weights = rank_of(-z), rank_of(scores)
    difference = by_weights - by_z1
    n = len(difference)
    spearman = 1 - 6 * float((difference**2).sum()) / (n * (n * n - 1))
    free = [
        (f"eigenvalue {k}", f"{paper:.4f}", f"{here:.4f}")
        for k, (paper, here) in enumerate(zip(EIGENVALUES, eigenvalues, strict=True), start=1)
    ]
    lowest, highest = 61 - 11 * z.max(), 61 - 11 * z.min()
    near = (abs(difference) <= 50).mean()
    free += [
        ("-11 Z1 + 61, lowest to highest", "30 to 100", f"{lowest:.1f} to {highest:.1f}"),
        ("rank differences, eq. (7), within 50", "most", f"{near:.0%}"),
        ("rank differences, eq. (7), sd", "about 30", f"{difference.std(ddof=1):.1f}"),
        ("Spearman of both rankings", "", f"{spearman:.3f}"),
    ]

    ranges = []
    for name, column in made.indicators.items():
        category, _ = catalog.sides[name]
        scores_of_category = normal_scores(made.ranks)[:, CATEGORIES.index(category)]
        known = ~np.isnan(column)
        correlation = np.corrcoef(column[known], scores_of_category[known])[0, 1]
        cells = np.quantile(column[known], [0, 0.5, 1])
        decimals = RECIPES[name].decimals
        ranges.append((name, *(f"{v:,.{decimals}f}" for v in cells), f"{correlation:.2f}"))

    consistency = []
    for parent, by_expert in made.judgements.items():
        items = catalog.children[parent]
        if len(items) > 2:
            everyone = [*by_expert.values(), group_answers(by_expert.values())]
            ratios = [f"{consistency_ratio(items, given):.3f}" for given in everyone]
            consistency.append((parent, str(len(items)), *ratios))

    items = catalog.children["cei_full"]
    group = group_answers(made.judgements["cei_full"].values())
    _, weights = principal(pairwise_matrix(items, group))
    first_class = [
        (item, f"{catalog.weights[item]:.4f}", f"{weight:.4f}")
        for item, weight in zip(items, weights, strict=True)
    ]

    return "\n\n".join(
        [
            markdown(["correlation of ranks", "Table 2", "achieved"], correlations),
            markdown(["first class", "published weight", "group's AHP weight"], first_class),
            markdown(
                ["consistency ratio", "items", "1", "2", "3", "4", "group"],
                consistency,
            ),
            markdown(["not aimed at", "paper", "here"], free),
            markdown(["synthetic column", "min", "median", "max", "correlation"], ranges),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the synthetic seeds of the CEI, or report on them."""
    parser = argparse.ArgumentParser(
        prog="python -m synthetic.cities",
        description="Generate the synthetic seeds of the CEI, from the project's root.",
    )
    parser.add_argument(
        "--out-raw", type=Path, default=Path("seeds/raw"), help="folder of the values"
    )
    parser.add_argument(
        "--out-catalog", type=Path, default=Path("seeds/catalog"), help="folder of the judgements"
    )
    parser.add_argument("--report", action="store_true", help="print tables and write nothing")
    options = parser.parse_args(arguments)

    catalog = read_catalog(Path("seeds"))
    made = generate(catalog)
    if options.report:
        print(report(made, catalog))
    else:
        write(made, catalog.cities, options.out_raw, options.out_catalog)


if __name__ == "__main__":
    main()

"""Lin & Gu (2015), *CEI: a new indicator measuring City Commercial Credit Risk initiated in China*.

One function per table or section of the paper, https://arxiv.org/abs/1505.05089. `Published` reads
the paper's numbers once; every function checks some of them.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import nan, pi, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_indices.replication.claims import Check, agreement, check, deviations, rounded
from credit_indices.replication.intervals import (
    Interval,
    Numbers,
    below,
    between,
    exact,
    numbers_in,
    published,
)
from credit_indices.stats import agreement as ranking_tests

PAPER = "lin_gu_2015"

LEVEL = 0.05
CONFIDENCE = 0.95
LAST_MONTH = 12
OTHER_MINIMUM = 20
"""Second example of a least share of the variance in section III, percent."""

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Published:
    """The paper's numbers. Explanations may use all of them."""

    stated: dict[str, float]
    """Numbers of the running text, by claim."""
    n_cities: int
    n_first_class: int
    n_third_class: int
    """Rows of Table 1."""
    table_1: pd.DataFrame
    components: Components
    """Tables 2 to 4."""
    equations: pd.Series
    """Coefficients of eqs. (1), (2) and (5) and of figure 2, by equation and term."""
    statistics: dict[str, float]
    """Table 5, by symbol: t, M and S."""
    p_values: Numbers
    weights: Numbers
    """Weights of section IV, by variable; corporate experience, which has none, by its code."""
    weighted: set[str]
    """First-class indices that have a weight, by their codes in Table 1."""
    external: dict[str, Any]
    """Rows of lin_gu_2015_external by source_code."""

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> Published:
        """Read the seeds of the paper, by their names without its prefix."""
        claims, table_1, weights = tables["claims"], tables["table_1"], tables["weights"]
        codes = claims["claim_code"].str.removeprefix(f"{PAPER}_")
        tests = tables["table_5"].set_index("symbol")
        by_variable = weights.set_index(weights["variable"].fillna(weights["node_code"]))
        return cls(
            stated=dict(zip(codes, claims["stated"], strict=True)),
            n_cities=int(tables["table_2"]["observations"].max()),
            n_first_class=table_1["first_class_code"].nunique(),
            n_third_class=table_1["indicator_code"].nunique(),
            table_1=table_1,
            components=Components.of(*(tables[f"table_{number}"] for number in (2, 3, 4))),
            equations=tables["equations"].set_index(["equation", "term"])["coefficient"],
            statistics=tests["statistic"].to_dict(),
            p_values=numbers_in(tests, "p_value", "p_value_decimals"),
            weights=numbers_in(by_variable, "weight", "weight_decimals"),
            weighted=set(weights["node_code"]),
            external={row.source_code: row for row in tables["external"].itertuples()},
        )

    @property
    def mean_rank(self) -> float:
        """Mean of any complete ranking of the cities."""
        return (self.n_cities + 1) / 2

    @property
    def cei(self) -> Vector:
        """Weights of the CEI in the order of Table 2."""
        return np.array([self.weights[code].value for code in self.components.variables])


@dataclass(frozen=True)
class Components:
    """Tables 2 to 4 as arrays in the order of Table 2, and a new decomposition of Table 2."""

    variables: list[str]
    r: Matrix
    """R, Table 2."""
    r_halves: Matrix
    """Half a unit of the last digit; 0 on the diagonal, whose ones are exact."""
    table_3: pd.DataFrame
    eigenvalues: Vector
    """lambda, Table 3."""
    eigenvalue_halves: Vector
    vectors: Matrix
    """V, Table 4: a row per variable, a column per component."""
    vector_halves: Matrix

    @classmethod
    def of(cls, table_2: pd.DataFrame, table_3: pd.DataFrame, table_4: pd.DataFrame) -> Components:
        """Read the tables."""
        variables, table_3 = list(table_2["variable"]), table_3.sort_values("component")
        loadings = table_4.set_index("variable").loc[variables]
        off_diagonal = 1 - np.eye(len(variables))
        vectors = loadings[[f"y{component}" for component in table_3["component"]]].to_numpy()
        return cls(
            variables=variables,
            r=table_2[variables].to_numpy(),
            r_halves=_halves(table_2["decimals"])[:, None] * off_diagonal,
            table_3=table_3,
            eigenvalues=table_3["eigenvalue"].to_numpy(),
            eigenvalue_halves=_halves(table_3["eigenvalue_decimals"]),
            vectors=vectors,
            vector_halves=_halves(loadings["decimals"])[:, None] * np.ones_like(vectors),
        )

    @property
    def n(self) -> int:
        """Number of variables."""
        return len(self.variables)

    @property
    def norm(self) -> float:
        """Largest row sum of R's rounding errors, which bounds those of eigenvalues (Weyl)."""
        return self.r_halves.sum(axis=1).max()

    @cached_property
    def decomposed(self) -> tuple[Vector, Matrix]:
        """Eigenvalues and eigenvectors of R, signs as in Table 4; nan if R is not symmetric."""
        values, vectors = _decomposed(self.r)
        return values, vectors * np.sign((vectors * self.vectors).sum(axis=0))

    @cached_property
    def published(self) -> list[Interval]:
        """Eigenvalues with their rounding."""
        columns = self.table_3["eigenvalue"], self.table_3["eigenvalue_decimals"]
        return [published(value, places) for value, places in zip(*columns, strict=True)]

    @property
    def shares(self) -> list[Interval]:
        """Shares of the variance, percent: 100 lambda / n."""
        return [100 * value / self.n for value in self.published]

    @property
    def z1(self) -> dict[str, float]:
        """Coefficients of the first component by variable."""
        return self.by_variable(self.vectors[:, 0])

    def by_variable(self, numbers: Vector) -> dict[str, float]:
        """Return numbers in the order of Table 2 by variable."""
        return dict(zip(self.variables, numbers.tolist(), strict=True))

    def residuals(self) -> tuple[Matrix, Matrix]:
        """Return R V - V lambda, and the bound of its error from rounding R, V and lambda."""
        v, h, values = self.vectors, self.vector_halves, self.eigenvalues
        shifted = [abs(self.r - value * np.eye(self.n)) for value in values]
        of_vectors = [matrix @ half for matrix, half in zip(shifted, h.T, strict=True)]
        sizes = abs(v) + h
        allowed = self.r_halves @ sizes + np.transpose(of_vectors) + sizes * self.eigenvalue_halves
        return self.r @ v - v * values, allowed

    def correlation(self, one: Vector, other: Vector) -> float:
        """Correlation of two weighted sums of the standardised variables, by Table 2."""
        return (one @ self.r @ other) / sqrt((one @ self.r @ one) * (other @ self.r @ other))


@dataclass(frozen=True)
class Differences:
    """Numbers of rank differences that fit the sign test of Table 5."""

    n_agreeing: int
    """Count of the numbers of non-zero differences that fit M and its p-value."""
    n_nonzero: float
    """The number that fits, if there is exactly one; else nan."""
    n_positive: float
    n_negative: float
    exact_signed_rank_p: float
    """P-value of S without ties, by its exact distribution."""
    location_tests: pd.DataFrame

    @classmethod
    def of(cls, paper: Published, location_tests: pd.DataFrame) -> Differences:
        """Look up the reported tests in stats.published_location_tests."""
        agreeing = location_tests.loc[location_tests["sign_agrees"], "n_nonzero"]
        n_nonzero = float(agreeing.iloc[0]) if len(agreeing) == 1 else nan
        # M is half of positive minus negative differences.
        signs = [(n_nonzero + 2 * m) / 2 for m in (paper.statistics["M"], -paper.statistics["M"])]
        exact_p = nan
        if len(agreeing) == 1:
            exact_p = ranking_tests.untied_signed_rank_p(int(n_nonzero), paper.statistics["S"])
        return cls(len(agreeing), n_nonzero, *signs, exact_p, location_tests.set_index("n_nonzero"))

    def test(self, column: str, more: int = 0) -> float:
        """Return the value of a column with `more` additional non-zero differences."""
        return float(self.location_tests[column].get(self.n_nonzero + more, nan))


def checks(
    paper: Published, location_tests: pd.DataFrame, unrelated: pd.DataFrame
) -> Iterator[Check]:
    """Check the claims of the paper.

    Args:
        paper: the paper's numbers.
        location_tests: stats.published_location_tests.
        unrelated: stats.agreement_reference.

    """
    differences = Differences.of(paper, location_tests)
    sections = (
        history(paper),
        section_1(paper, differences),
        table_1(paper),
        section_2(paper),
        table_2(paper),
        table_3(paper),
        table_4(paper),
        variables_and_components(paper),
        shares_of_variance(paper),
        components_kept(paper),
        equation_5(paper),
        range_of_scores(paper),
        table_5(paper, differences),
        tests_of_location(paper, differences),
        tests_of_agreement(paper, differences, unrelated),
        signs_of_differences(paper, differences),
        shape_of_differences(paper, differences),
        section_4_weights(paper),
        most_influential(paper),
    )
    for section in sections:
        yield from rounded(section, 12)


def history(paper: Published) -> Iterator[Check]:
    """Abstract and section I: China's growth, the social credit system, the releases of the CEI."""
    outside, stated = paper.external, paper.stated
    for claim, source in (
        ("introduced_in_2010", "first_edition"),
        ("first_releases", "first_release"),
    ):
        year = outside[source].value
        yield check(claim, published=stated[claim], recomputed=year, holds=stated[claim] == year)
    growth, second = outside["china_growth"].value, outside["second_growth"].value
    yield check("fastest_growing", recomputed=growth, holds=growth > second)
    code, pilot = "social_credit_system_start", outside["first_pilot"].value
    yield check(code, published=stated[code], recomputed=pilot, holds=pilot <= stated[code])
    second_release = stated["computed_annually"]
    code, years = "just_over_one_decade", second_release - pilot
    holds = stated[code] < years < 2 * stated[code]
    yield check(code, published=stated[code], recomputed=years, holds=holds)
    years = second_release - outside["first_release"].value
    yield check("computed_annually", recomputed=years, holds=years == 1)


def section_1(paper: Published, differences: Differences) -> Iterator[Check]:
    """Section I: the number of cities and the range of the CEI."""
    n, stated = paper.n_cities, paper.stated
    not_large = n - paper.external["large_cities"].value
    one_fewer = not_large + 1
    for claim, cities in (
        ("number_of_cities", n),
        ("number_of_cities_prefecture_level", not_large),
    ):
        yield check(
            claim,
            published=stated[claim],
            recomputed=cities,
            holds=stated[claim] == cities,
            differences=differences,
            one_fewer=one_fewer,
        )
    lowest = {name: paper.equations[name].get("constant", 0.0) for name in ("1", "2")}
    highest = {name: low + paper.equations[name, "ratio"] for name, low in lowest.items()}
    code = "cei_scores_from_30"
    # Some score of 30 or more is possible by both equations.
    yield check(
        code,
        published=stated[code],
        holds=min(highest.values()) >= stated[code],
        lowest=list(lowest.values()),
        highest=list(highest.values()),
    )


def table_1(paper: Published) -> Iterator[Check]:
    """Sections II.1 and II.2: the indices of Table 1."""
    table, stated, n = paper.table_1, paper.stated, paper.n_first_class
    sizes = [n, table["second_class_code"].nunique(), paper.n_third_class]
    for claim, number in (("first_class_indices", n), ("three_classes", len(sizes))):
        holds = stated[claim] == number
        yield check(claim, published=stated[claim], recomputed=number, holds=holds, sizes=sizes)
    holds = set(table["first_class_code"]) == paper.weighted
    yield check("entire_system", recomputed=n, holds=holds)
    n, code = paper.n_third_class, "third_class_indices"
    yield check(code, recomputed=n, holds=n >= stated[code])
    n_crimes = int((table["first_class_code"] == "dishonesty").sum())
    yield check("equations_for_all_indices", recomputed=n_crimes)


def section_2(paper: Published) -> Iterator[Check]:
    """Section II.2: the twelve months of CEI-2012."""
    code = "edition_fiscal_year"
    first_month, release = paper.stated[code], paper.stated["edition"]
    months_before = LAST_MONTH + 1 - first_month
    # The last month is the one before the first, a year later.
    months_between = release - first_month
    yield check(
        code,
        recomputed=months_between,
        holds=months_between >= 0,
        months_before=months_before,
        budget_month=month_name[int(paper.external["budget_year"].value)],
    )
    holds = months_before > LAST_MONTH / 2
    yield check("edition_last_year", recomputed=months_before, holds=holds)


def table_2(paper: Published) -> Iterator[Check]:
    """Table 2: a matrix of correlations."""
    r, smallest = paper.components.r, paper.components.decomposed[0][-1]
    off = max(abs(r - r.T).max(), abs(np.diag(r) - 1).max())
    holds = bool(off == 0 and abs(r).max() <= 1 and smallest > 0)
    yield check("table_2_covariance", recomputed=off, holds=holds, smallest_eigenvalue=smallest)
    # The covariances if the scores of the first variable, credit launch, had twice their scale.
    scale = np.where(np.arange(len(r)) == 0, 2.0, 1.0)
    values, vectors = _decomposed(scale[:, None] * r * scale)
    share, largest = 100 * values[0] / values.sum(), abs(vectors[:, 0]).max()
    holds = below(paper.components.shares[0].high, share)
    yield check("pca_sensitive_to_scale", recomputed=share, holds=holds, largest=largest)


def table_3(paper: Published) -> Iterator[Check]:
    """Table 3: eigenvalues, their differences and their shares of the variance."""
    components, table, norm = paper.components, paper.components.table_3, paper.components.norm
    decomposed = [Interval(value, value - norm, value + norm) for value in components.decomposed[0]]
    for number, pair in enumerate(zip(components.published, decomposed, strict=True), start=1):
        yield agreement(f"table_3_eigenvalue_{number}", *pair)
    off = abs(components.eigenvalues - components.decomposed[0])
    yield deviations("table_3_caption", off, components.eigenvalue_halves + norm)
    total = sum(components.published)
    claimed = paper.stated["table_3_eigenvalues_sum"]
    yield agreement("table_3_eigenvalues_sum", claimed, total, max_error=total.max_error)

    values, halves, n = components.eigenvalues, components.eigenvalue_halves, components.n
    difference, proportion, cumulative = (
        table[column].to_numpy() for column in ("difference", "proportion", "cumulative")
    )
    off, allowed = abs(difference[:-1] + np.diff(values)), 2 * halves[:-1] + halves[1:]
    yield deviations("table_3_differences", off, allowed)
    share_halves = _halves(table["proportion_decimals"])
    off, allowed = abs(proportion - values / n), share_halves + halves / n
    yield deviations("table_3_proportions", off, allowed)
    off, allowed = abs(cumulative - values.cumsum() / n), share_halves + halves.cumsum() / n
    yield deviations("table_3_cumulative", off, allowed, proportions_sum=proportion.sum())


def table_4(paper: Published) -> Iterator[Check]:
    """Table 4: eigenvectors of unit length, orthogonal, of Table 2 with the values of Table 3."""
    components = paper.components
    v, h = components.vectors, components.vector_halves
    off, allowed = abs((v * v).sum(axis=0) - 1), (h * (2 * abs(v) + h)).sum(axis=0)
    yield deviations("table_4_unit_length", off, allowed)
    pairs = np.triu_indices(components.n, k=1)
    off, allowed = abs(v.T @ v)[pairs], (h.T @ abs(v) + (abs(v) + h).T @ h)[pairs]
    yield deviations("table_4_orthogonal", off, allowed)
    residual, of_residual = components.residuals()
    yield deviations("table_4_residuals", abs(residual), of_residual, n_residuals=residual.size)
    # V' R V is V' (R V - V lambda) + V' V lambda.
    covariance, of_product = v.T @ components.r @ v, np.zeros_like(v)
    of_product[pairs] = allowed
    allowed = abs(v).T @ of_residual + (of_product + of_product.T) * components.eigenvalues
    yield deviations("table_4_uncorrelated", abs(covariance)[pairs], allowed[pairs])

    # Davis and Kahan bound the angle's sine by norm / gap; the chord is at most sqrt(2) sines.
    decomposed, vectors = components.decomposed
    distances = abs(components.eigenvalues[:, None] - decomposed)
    np.fill_diagonal(distances, np.inf)
    gap = distances.min(axis=1) - components.eigenvalue_halves
    turned = sqrt(2) * components.norm / np.where(gap > 0, gap, nan)
    off, allowed = abs(v - vectors).max(axis=0), turned + h.max(axis=0)
    yield deviations("table_4_loadings", off, allowed)
    yield deviations("independent_of_weights", off[:1], allowed[:1])


def variables_and_components(paper: Published) -> Iterator[Check]:
    """Sections III and V: the six variables, their components and the first of these."""
    components, stated = paper.components, paper.stated
    own = [code for code in components.variables if code in paper.weights]
    weight = sum(paper.weights[code] for code in own)
    yield check("independent_of_data", recomputed=len(own), holds=not own, weight=weight)
    yield check("same_features", recomputed=len(own), holds=len(own) == components.n)
    holds = len(own) == paper.n_first_class
    yield check("categorical_for_each_index", recomputed=len(own), holds=holds)
    for code, number in (
        ("six_categories", len(own)),
        ("components_at_most_variables", len(components.eigenvalues)),
    ):
        holds = number == stated[code]
        yield check(code, published=stated[code], recomputed=number, holds=holds)
    code = "largest_eigenvalue"
    yield agreement(code, published(stated[code], 4), components.published[0])
    z1 = components.vectors[:, 0]
    correlation = components.correlation(z1, np.ones_like(z1))
    yield check(
        "comprehensive_strength",
        recomputed=correlation,
        holds=bool(correlation > 0),
        n_positive=int((z1 > 0).sum()),
    )
    of_two = (components.vectors[:, :2] ** 2) @ components.eigenvalues[:2]
    yield check("influence_by_y1", of_two=components.by_variable(of_two))
    yield check("remaining_components", second=components.by_variable(components.vectors[:, 1]))
    yield check("telling_and_explanatory", unrelated=100 / components.n)


def shares_of_variance(paper: Published) -> Iterator[Check]:
    """Sections III and IV: shares of the variance explained by components."""
    components, shares = paper.components, paper.components.shares
    proportions = components.table_3["proportion"].tolist()
    for claim, share in {
        "first_component_share": shares[0],
        "second_component_share": shares[1],
        "four_components_share": 100 * sum(components.published[:4]) / components.n,
    }.items():
        stated = published(paper.stated[claim], 0)
        yield agreement(claim, stated, share, proportions=proportions)
    ratio, claimed = (
        components.published[0] / components.published[1],
        paper.stated["first_twice_second"],
    )
    holds = round(ratio.value) == claimed
    yield check("first_twice_second", published=claimed, recomputed=ratio, holds=holds)
    claimed = paper.stated["second_component_share_truncated"]
    code, holds = "second_component_share_truncated", int(shares[1].value) == claimed
    yield check(code, published=claimed, recomputed=shares[1], holds=holds)
    claimed = paper.stated["strong_conclusion"]
    yield check("strong_conclusion", published=claimed, unrelated_share=100 * 4 / components.n)


def components_kept(paper: Published) -> Iterator[Check]:
    """Section III: the number of components to keep, by the paper's rules and other usual ones."""
    components = paper.components
    n_used = sum(term.startswith("Z") for term in paper.equations["figure 2"].index)
    n_for_80 = int((components.eigenvalues.cumsum() / components.n < 0.8).sum()) + 1
    claim = "components_at_least_15"
    minima = [paper.stated[claim], OTHER_MINIMUM]
    kept = [sum(share.value >= minimum for share in components.shares) for minimum in minima]
    yield check(
        claim,
        published=n_used,
        recomputed=kept[0],
        bounds=(kept[1], kept[0]),
        holds=kept[1] <= n_used <= kept[0],
        least=minima[0],
        other=minima[1],
        kept_by_other=kept[1],
        n_above_one=int((components.eigenvalues > 1).sum()),
        n_for_80=n_for_80,
    )


def equation_5(paper: Published) -> Iterator[Check]:
    """Eq. (5): Z1, and its score -11 x Z1 + 61."""
    z1, components = paper.equations["5"], paper.components
    slope, constant = (paper.equations["figure 2", term] for term in ("Z1", "constant"))
    off = max(abs(z1[variable] - loading) for variable, loading in components.z1.items())
    for code in ("eq_5_coefficients", "dependent_variable_z1"):
        yield check(code, recomputed=off, holds=bool(off == 0))
    # A good place is a low rank, and both the score and good places fall with the ranks.
    z1 = z1[components.variables].to_numpy()
    with_cei, with_equal = (
        components.correlation(-slope * z1, weights) for weights in (paper.cei, np.ones_like(z1))
    )
    total = -slope * z1.sum()
    yield check(
        "score_direction",
        recomputed=with_cei,
        holds=bool(min(with_cei, with_equal, total) > 0),
        equal_correlation=with_equal,
        sum_of_coefficients=z1.sum(),
        of_score=components.by_variable(slope * z1),
    )
    mean, code = constant + slope * z1.sum() * paper.mean_rank, "eq_5_unstandardised"
    lowest = paper.stated[code]
    holds = bool(lowest <= mean <= paper.stated["score_of_at_most_100"])
    yield check(
        code,
        published=lowest,
        recomputed=mean,
        holds=holds,
        mean_rank=paper.mean_rank,
        constant=constant,
    )
    sd = abs(slope) * sqrt(components.eigenvalues[0])
    lowest = paper.equations["2", "constant"]
    yield check("scores_comparable", mean=constant, sd=sd, lowest=lowest)


def range_of_scores(paper: Published) -> Iterator[Check]:
    """Figure 2: the possible scores of standardised rankings."""
    z1, n = paper.equations["5"], paper.n_cities
    slope, constant = (paper.equations["figure 2", term] for term in ("Z1", "constant"))
    # Ranks 1 to n have the mean (n + 1) / 2 and the variance (n^2 - 1) / 12.
    largest_ranking = sqrt(3 * (n - 1) / (n + 1))
    largest_z1, sd = z1.abs().sum() * largest_ranking, sqrt(paper.components.eigenvalues[0])
    furthest = abs(slope) * largest_z1
    # The smallest range at a given variance: all cities but one at one point.
    nearest = abs(slope) * sd / sqrt(n)
    least, most = paper.stated["score_of_at_least_30"], paper.stated["score_of_at_most_100"]
    lowest, highest = (
        (constant - furthest, constant - nearest),
        (constant + nearest, constant + furthest),
    )
    for code, limit, bounds, holds in (
        ("score_of_at_least_30", least, lowest, bool(least <= lowest[1])),
        ("score_of_at_most_100", most, highest, bool(most >= highest[0])),
    ):
        z = (limit - constant) / slope
        yield check(
            code,
            published=limit,
            bounds=bounds,
            holds=holds,
            z1=z,
            in_deviations=abs(z) / sd,
            largest_ranking=largest_ranking,
            largest_z1=largest_z1,
        )


def table_5(paper: Published, differences: Differences) -> Iterator[Check]:
    """Table 5: three tests of location."""
    n, n_nonzero = paper.n_cities, differences.n_nonzero
    holds = paper.statistics["t"] == 0 and paper.p_values["t"].value == 1
    # Two complete rankings have the same sum, so the differences sum to zero.
    published, sum_of_ranks = paper.statistics["t"], n * (n + 1) / 2
    code = "table_5_student_t"
    yield check(code, published=published, recomputed=0, holds=holds, sum_of_ranks=sum_of_ranks)
    sign = paper.p_values["M"]
    yield check(
        "table_5_sign",
        published=sign,
        recomputed=differences.test("sign_p_value"),
        bounds=sign,
        holds=differences.n_agreeing == 1,
        differences=differences,
        n_zero=n - n_nonzero,
        beside=[differences.test("sign_p_value", more) for more in (-2, 2)],
    )
    without_ties = differences.test("signed_rank_p_value")
    ties = [differences.test(f"tie_correction_{end}") for end in ("low", "high")]
    yield check(
        "table_5_signed_rank",
        published=paper.p_values["S"],
        recomputed=without_ties,
        bounds=(nan, without_ties),
        holds=not np.isnan(ties[0]) if differences.n_agreeing == 1 else None,
        differences=differences,
        ties=ties,
        # n differences, spread evenly over k sizes: sum(t^3 - t) / 48 = n ((n / k)^2 - 1) / 48.
        tied_sizes=[n_nonzero / sqrt(48 * tie / n_nonzero + 1) for tie in reversed(ties)],
    )


def tests_of_location(paper: Published, differences: Differences) -> Iterator[Check]:
    """Section III: what the tests of Table 5 compare and what they assume."""
    exact_p = exact(differences.exact_signed_rank_p)
    for code in ("signed_rank_without_normality", "signed_rank_without_independence_of_sets"):
        yield agreement(code, paper.p_values["S"], exact_p, differences=differences)
    is_identity = paper.statistics["t"] == 0 and paper.p_values["t"].value == 1
    for code in (
        "paired_test_of_means",
        "signed_rank_of_mean_ranks",
        "acceptance_is_equal_location",
    ):
        yield check(code, recomputed=paper.mean_rank, holds=is_identity)
    yield check("tests_compare_rankings", holds=is_identity)
    yield check("tests_compare_scores", n_zero=paper.n_cities - differences.n_nonzero)


def tests_of_agreement(
    paper: Published, differences: Differences, unrelated: pd.DataFrame
) -> Iterator[Check]:
    """Sections III and IV: tests of location used as tests of agreement."""
    simulated = unrelated[unrelated["n_units"] == paper.n_cities]
    of = simulated.set_index(["test", "probability"]).sort_index()
    p_values, rho = of["p_value"]["signed_rank"], of["statistic"]["spearman"]
    n_simulations = simulated["n_simulations"].max()
    largest = of["statistic"].abs().groupby("test").max()
    tail_of_m = ranking_tests.unrelated_sign_tail(paper.n_cities, paper.statistics["M"])
    # Upper limit of a probability of which no simulated pair is a case (Clopper and Pearson).
    none_beyond = largest["signed_rank"] < abs(paper.statistics["S"])
    tail_of_s = 1 - (1 - CONFIDENCE) ** (1 / n_simulations) if none_beyond else nan
    values = {
        "differences": differences,
        "n_simulations": n_simulations,
        "smallest_p": p_values[0.0],
        "p_of_95_percent": p_values[0.05],
        "largest": largest,
        "rho": [rho[0.01], rho[0.99]],
        "tail_of_m": tail_of_m,
        "tail_of_s": tail_of_s,
        "level": LEVEL,
    }
    for claim, symbol, column in (
        ("accepted_by_signed_rank", "S", "signed_rank_p_value"),
        ("accepted_by_sign", "M", "sign_p_value"),
    ):
        p, recomputed, alpha = paper.p_values[symbol], differences.test(column), paper.stated[claim]
        holds = bool(p.value > alpha)
        yield check(claim, published=p, recomputed=recomputed, holds=holds, alpha=alpha, **values)
    for claim, probability in (
        ("signed_rank_without_independence", LEVEL),
        ("acceptance_is_consistency", 0.5),
    ):
        p, holds = p_values[probability], bool(p_values[probability] <= LEVEL)
        yield check(claim, recomputed=p, holds=holds, **values)


def signs_of_differences(paper: Published, differences: Differences) -> Iterator[Check]:
    """Section IV: more cities above zero, and the conclusion for the official CEI."""
    above, under = differences.n_positive, differences.n_negative
    for claim, more, fewer in (
        ("more_cities_above_zero", above, under),
        ("official_cei_overestimates", under, above),
        ("official_cei_overestimates_ascending", above, under),
    ):
        holds = below(fewer, more)
        yield check(claim, recomputed=more - fewer, holds=holds, differences=differences)
    half = paper.n_cities / 2
    yield check("differences_median", recomputed=above, holds=below(half, above))


def shape_of_differences(paper: Published, differences: Differences) -> Iterator[Check]:
    """Section IV: centre, deviation and shape of the differences, numbers rounded to tens."""
    centre, sd = (
        published(paper.stated[f"differences_{moment}"], -1) for moment in ("fitted_centre", "sd")
    )
    n, n_positive = paper.n_cities, differences.n_positive
    yield check("differences_fitted_centre", published=centre)
    normal_cdf = NormalDist().cdf
    gaussian = (centre / sd).map(lambda z: n * normal_cdf(z))
    yield check(
        "differences_gaussian",
        recomputed=n_positive,
        bounds=gaussian,
        holds=between(gaussian.low, n_positive, gaussian.high),
        gaussian=gaussian,
        # At its middle the normal distribution function has the slope 1 / sqrt(2 pi) per sd.
        implied_centre=sd.value * sqrt(2 * pi) * (n_positive / n - 0.5),
    )
    variance_of_unrelated = (n * n - 1) / 6
    correlation = paper.components.correlation(paper.components.vectors[:, 0], paper.cei)
    yield check(
        "differences_sd",
        published=sd,
        spearman_of_sd=1 - sd.value**2 / variance_of_unrelated,
        correlation=correlation,
        sd_of_correlation=sqrt(variance_of_unrelated * (1 - correlation)),
        sd_of_unrelated=sqrt(variance_of_unrelated),
    )
    within = 100 * (1 - (sd.high / paper.stated["differences_within_50"]) ** 2)
    bounds = (within, 100)
    yield check("differences_within_50", bounds=bounds, holds=within > 50, sd_upper=sd.high)
    # The difference of two independent rank differences has the standard deviation sd sqrt(2).
    band = paper.stated["band_of_30"]
    near, reversed_order, far = (
        sd.map(lambda one, apart=apart: normal_cdf(-apart / (one * sqrt(2))))
        for apart in (10, band, 2 * band)
    )
    holds = near.value > reversed_order.value > far.value
    yield check("band_of_30", recomputed=reversed_order, holds=holds, near=near, far=far)


def section_4_weights(paper: Published) -> Iterator[Check]:
    """Section IV: the weights of the first-class indices, and whether Z1 supports them."""
    components, claimed = paper.components, paper.stated["weights_of_six"]
    n_weights = len(paper.weights)
    yield agreement(
        "weights_sum", paper.stated["weights_sum"], sum(paper.weights.values()), n_weights=n_weights
    )
    studied = {code: one for code, one in paper.weights.items() if code in components.variables}
    left = sum(studied.values())
    share = {code: weight.value / left.value for code, weight in studied.items()}
    holds = len(studied) == claimed == components.n
    yield check("weights_of_six", recomputed=left, holds=holds, share=share)
    z1 = components.vectors[:, 0]
    spearman = pd.Series(paper.cei).rank().corr(pd.Series(z1).rank())
    yield check("weights_reasonable", recomputed=spearman, holds=bool(spearman > 0))
    with_cei, with_equal = (
        components.correlation(z1, weights) for weights in (paper.cei, np.ones_like(z1))
    )
    yield check(
        "weights_reasonable_by_agreement",
        recomputed=with_cei,
        holds=bool(with_cei > 0),
        equal_correlation=with_equal,
    )


def most_influential(paper: Published) -> Iterator[Check]:
    """Sections III and V: GOV and EDU as the most influential indices, in Y1 and in the CEI."""
    pair, loading = ["GOV", "EDU"], pd.Series(paper.components.z1)
    holds = set(loading.abs().nlargest(2).index) == set(pair)
    yield check("most_influential_in_y1", holds=holds)
    weight = pd.Series({code: number.value for code, number in paper.weights.items()})
    rank = weight.rank(ascending=False, method="min")
    alone = zip(paper.components.variables, np.eye(paper.components.n), strict=True)
    yield check(
        "most_influential_in_cei",
        recomputed=paper.weights["GOV"] + paper.weights["EDU"],
        holds=bool(rank[pair].max() == 2),
        rank=rank,
        largest_pair=weight[rank <= 2].sum(),
        correlation={code: paper.components.correlation(paper.cei, unit) for code, unit in alone},
    )


def _decomposed(matrix: Matrix) -> tuple[Vector, Matrix]:
    """Return eigenvalues, largest first, and eigenvectors; nan if the matrix is not symmetric."""
    if not np.array_equal(matrix, matrix.T):
        return np.full(len(matrix), nan), np.full_like(matrix, nan)
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]


def _halves(decimals: pd.Series) -> Vector:
    """Return half a unit of the last digit."""
    return 10.0 ** -decimals.to_numpy() / 2

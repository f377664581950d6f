"""Lin & Gu (2015), *CEI: a new indicator measuring City Commercial Credit Risk initiated in China*.

One function per table or section of the paper, https://arxiv.org/abs/1505.05089. The tables are
those of seeds/published, described there; `stated` are the numbers of running text by claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import exp, nan, pi, sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from credit_indices.replication.claims import Check, agreement, check, deviations, rounded
from credit_indices.replication.intervals import (
    MISSING,
    Interval,
    at_most,
    below,
    between,
    equal,
    numbers_in,
    printed,
)

PAPER = "lin_gu_2015"

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Components:
    """Tables 2 to 4 as arrays in the order of Table 2, and Table 2 decomposed anew."""

    variables: list[str]
    correlations: Matrix
    """R, Table 2."""
    correlation_halves: Matrix
    """Half a unit of the last digit; 0 on the diagonal, where ones are exact."""
    eigenvalues: Vector
    """lambda, Table 3."""
    eigenvalue_halves: Vector
    vectors: Matrix
    """V, Table 4: a row per variable, a column per component."""
    vector_halves: Vector
    """By variable."""

    @classmethod
    def of(cls, table_2: pd.DataFrame, table_3: pd.DataFrame, table_4: pd.DataFrame) -> Components:
        """Read the tables."""
        variables = list(table_2["variable"])
        halves = np.repeat(_halves(table_2["decimals"])[:, None], len(variables), axis=1)
        np.fill_diagonal(halves, 0)
        ordered = table_3.sort_values("component")
        loadings = table_4.set_index("variable").loc[variables]
        return cls(
            variables=variables,
            correlations=table_2[variables].to_numpy(),
            correlation_halves=halves,
            eigenvalues=ordered["eigenvalue"].to_numpy(),
            eigenvalue_halves=_halves(ordered["eigenvalue_decimals"]),
            vectors=loadings[[f"y{component}" for component in ordered["component"]]].to_numpy(),
            vector_halves=_halves(loadings["decimals"]),
        )

    @cached_property
    def norm(self) -> float:
        """Largest row sum of the rounding errors of R: they move no eigenvalue further (Weyl)."""
        return self.correlation_halves.sum(axis=1).max()

    @cached_property
    def anew(self) -> tuple[Vector, Matrix]:
        """Eigenvalues and eigenvectors of R, with signs as in Table 4; nan if R is lopsided."""
        if not np.array_equal(self.correlations, self.correlations.T):
            return np.full_like(self.eigenvalues, nan), np.full_like(self.vectors, nan)
        values, vectors = np.linalg.eigh(self.correlations)
        values, vectors = values[::-1], vectors[:, ::-1]
        return values, vectors * np.sign((vectors * self.vectors).sum(axis=0))

    @cached_property
    def shares(self) -> list[Interval]:
        """Of the variance, percent: 100 lambda / p."""
        return [100 * value / len(self.variables) for value in self.printed_eigenvalues]

    @cached_property
    def printed_eigenvalues(self) -> list[Interval]:
        """Table 3 with its rounding."""
        ends = zip(self.eigenvalues, self.eigenvalue_halves, strict=True)
        return [Interval(x, x - half, x + half, frozenset([object()])) for x, half in ends]

    def correlation(self, one: Vector, other: Vector) -> float:
        """Correlate two weighted sums of the standardised variables, by Table 2."""
        r = self.correlations
        return (one @ r @ other) / sqrt((one @ r @ one) * (other @ r @ other))


def checks(
    tables: Mapping[str, pd.DataFrame],
    location_tests: pd.DataFrame,
    unrelated: pd.DataFrame,
) -> Iterator[Check]:
    """Check the claims of the paper.

    Args:
        tables: seeds of the paper by the rest of their names (table_1 to table_5, weights,
            equations, claims).
        location_tests: stats.published_location_tests.
        unrelated: stats.agreement_reference.

    """
    stated = _by_short_code(tables["claims"])
    weights, equations = tables["weights"], tables["equations"]
    components = Components.of(*(tables[f"table_{number}"] for number in (2, 3, 4)))
    n_cities = int(tables["table_2"]["observations"].max())
    differences = Differences.of(tables["table_5"], location_tests)
    by_section = (
        section_1(stated, equations, n_cities, differences),
        table_1(stated, tables["table_1"], weights),
        table_2(components),
        table_3(stated, components, tables["table_3"]),
        table_4(components),
        components_kept(stated, components, tables["table_3"], equations),
        score(stated, components, equations, weights, n_cities),
        table_5(differences, unrelated),
        rank_differences(stated, differences, components, weights),
        section_4_weights(stated, weights, components),
        most_influential(components, weights),
    )
    for section in by_section:
        yield from rounded(section, 12)


def section_1(
    stated: Mapping[str, float], equations: pd.DataFrame, n_cities: int, differences: Differences
) -> Iterator[Check]:
    """Section I: how many cities, and on what scale."""
    yield check(
        "number_of_cities",
        published=stated["number_of_cities"],
        recomputed=n_cities,
        holds=stated["number_of_cities"] == n_cities,
        n_cities=n_cities,
        n_nonzero=differences.n_nonzero,
    )
    ends = {}
    for equation in ("1", "2"):
        terms = equations[equations["equation"] == equation].set_index("term")["coefficient"]
        lowest = terms.get("constant", 0.0)
        ends |= {f"eq_{equation}_lower": lowest, f"eq_{equation}_upper": lowest + terms["ratio"]}
        scale = stated[f"cei_scale_eq_{equation}"]
        yield check(
            f"cei_scale_eq_{equation}",
            published=scale,
            recomputed=lowest,
            holds=scale == lowest,
            **ends,
        )
    yield check("cei_scores_from_30", published=stated["cei_scores_from_30"], **ends)


def table_1(
    stated: Mapping[str, float], table: pd.DataFrame, weights: pd.DataFrame
) -> Iterator[Check]:
    """Table 1: the indices of the first and the third class."""
    n_first_class = table["first_class_code"].nunique()
    n_third_class = table["indicator_code"].nunique()
    yield check(
        "first_class_indices",
        published=stated["first_class_indices"],
        recomputed=n_first_class,
        holds=stated["first_class_indices"] == n_first_class,
        n_first_class=n_first_class,
        n_weights=len(weights),
    )
    yield check(
        "third_class_indices",
        recomputed=n_third_class,
        holds=n_third_class >= stated["third_class_indices"],
        n_third_class=n_third_class,
    )


def table_2(components: Components) -> Iterator[Check]:
    """Table 2: a matrix of correlations."""
    r = components.correlations
    deviation = max(abs(r - r.T).max(), abs(np.diag(r) - 1).max())
    smallest = components.anew[0][-1]
    yield check(
        "table_2_covariance",
        recomputed=deviation,
        holds=deviation == 0 and abs(r).max() <= 1 and bool(smallest > 0),
        smallest_eigenvalue=smallest,
    )


def table_3(
    stated: Mapping[str, float], components: Components, table: pd.DataFrame
) -> Iterator[Check]:
    """Table 3: eigenvalues, their differences and their shares of the variance."""
    ordered = table.sort_values("component")
    printed_values = components.printed_eigenvalues
    values, halves = components.eigenvalues, components.eigenvalue_halves
    n, norm = len(components.variables), components.norm
    for number, (value, anew) in enumerate(
        zip(printed_values, components.anew[0], strict=True), start=1
    ):
        yield agreement(
            f"table_3_eigenvalue_{number}",
            published=value,
            recomputed=Interval(anew, anew - norm, anew + norm),
            norm=norm,
        )
    total = sum(printed_values)
    yield agreement(
        "table_3_eigenvalues_sum",
        published=stated["table_3_eigenvalues_sum"],
        recomputed=total,
        total_half=total.room,
        n_variables=n,
    )
    share_halves = _halves(ordered["proportion_decimals"])
    yield deviations(
        "table_3_differences",
        abs(ordered["difference"].to_numpy() + np.diff(values, append=0))[:-1],
        2 * halves[:-1] + halves[1:],
    )
    yield deviations(
        "table_3_proportions",
        abs(ordered["proportion"].to_numpy() - values / n),
        share_halves + halves / n,
    )
    yield deviations(
        "table_3_cumulative",
        abs(ordered["cumulative"].to_numpy() - values.cumsum() / n),
        share_halves + halves.cumsum() / n,
        proportions_sum=ordered["proportion"].sum(),
    )


def table_4(components: Components) -> Iterator[Check]:
    """Table 4: eigenvectors of unit length, orthogonal, of Table 2 with the values of Table 3."""
    r, v, h = components.correlations, components.vectors, components.vector_halves[:, None]
    values, value_halves = components.eigenvalues, components.eigenvalue_halves
    yield deviations(
        "table_4_unit_length",
        abs((v * v).sum(axis=0) - 1),
        (h * (2 * abs(v) + h)).sum(axis=0),
    )
    pairs = np.triu_indices(v.shape[1], k=1)
    halves = np.broadcast_to(h, v.shape)
    yield deviations(
        "table_4_orthogonal",
        abs(v.T @ v)[pairs],
        (halves.T @ abs(v) + (abs(v) + h).T @ halves)[pairs],
    )
    residual, allowed = residuals(components)
    yield deviations("table_4_residuals", abs(residual), allowed, n_residuals=residual.size)
    # Davis and Kahan bound the angle's sine by norm / gap; the chord is at most sqrt(2) sines.
    anew, vectors = components.anew
    distances = abs(values[:, None] - anew[None, :])
    np.fill_diagonal(distances, np.inf)
    gap = distances.min(axis=1) - value_halves
    turned = sqrt(2) * components.norm / np.where(gap > 0, gap, nan)
    yield deviations("table_4_loadings", abs(v - vectors).max(axis=0), turned + h.max())


def residuals(components: Components) -> tuple[Matrix, Matrix]:
    """Return the elements of R V - V lambda, and how large rounding of R, V and lambda can make them."""
    r, v, h = components.correlations, components.vectors, components.vector_halves[:, None]
    values, n = components.eigenvalues, len(components.variables)
    residual = r @ v - v * values
    of_vectors = [abs(r - value * np.eye(n)) @ h[:, 0] for value in values]
    allowed = (
        components.correlation_halves @ (abs(v) + h)
        + np.column_stack(of_vectors)
        + components.eigenvalue_halves * (abs(v) + h)
    )
    return residual, allowed


def components_kept(
    stated: Mapping[str, float],
    components: Components,
    table: pd.DataFrame,
    equations: pd.DataFrame,
) -> Iterator[Check]:
    """Sections III and IV: how much of the variance components account for, and how many to keep."""
    eigenvalues, shares = components.printed_eigenvalues, components.shares
    n_variables = len(components.variables)
    score_terms = equations.loc[equations["equation"] == "figure 2", "term"]
    figures = {
        "n_variables": n_variables,
        "n_used": int(score_terms.str.startswith("Z").sum()),
        "eigenvalues": eigenvalues,
        "shares": shares,
        "proportions": table.sort_values("component")["proportion"].tolist(),
        "n_above_one": int((components.eigenvalues > 1).sum()),
        "n_for_80": int((components.eigenvalues.cumsum() / n_variables < 0.8).sum()) + 1,
        "unrelated_share": 100 * 4 / n_variables,
    }
    for claim, share in {
        "first_component_share": shares[0],
        "second_component_share": shares[1],
        "four_components_share": 100 * sum(eigenvalues[:4]) / n_variables,
    }.items():
        # Printed without decimals.
        yield agreement(claim, published=printed(stated[claim], 0), recomputed=share, **figures)
    ratio = eigenvalues[0] / eigenvalues[1]
    yield check(
        "first_twice_second",
        published=stated["first_twice_second"],
        recomputed=ratio,
        holds=round(ratio.value) == stated["first_twice_second"],
        **figures,
    )
    for percent in (15, 20):
        claim = f"components_at_least_{percent}"
        kept, kept_surely, kept_perhaps = (
            sum(getattr(share, end) >= stated[claim] for share in shares)
            for end in ("value", "low", "high")
        )
        yield check(
            claim,
            published=figures["n_used"],
            recomputed=kept,
            bounds=(kept_surely, kept_perhaps),
            holds=kept_surely <= figures["n_used"] <= kept_perhaps,
            **figures,
        )
    yield check(
        "strong_conclusion",
        published=stated["strong_conclusion"],
        recomputed=shares[0],
        holds=abs(shares[0].value - stated["strong_conclusion"]) <= 0.5,
        **figures,
    )


def score(
    stated: Mapping[str, float],
    components: Components,
    equations: pd.DataFrame,
    weights: pd.DataFrame,
    n_cities: int,
) -> Iterator[Check]:
    """Eq. (5) and figure 2: Z1 and the score -11 x Z1 + 61."""
    of = equations.set_index(["equation", "term"])["coefficient"]
    slope, constant = of["figure 2", "Z1"], of["figure 2", "constant"]
    z1 = of["5"].loc[components.variables].to_numpy()
    off = abs(z1 - components.vectors[:, 0]).max()
    yield check("eq_5_coefficients", recomputed=off, holds=bool(off == 0))

    # Ranks 1 to n have the mean (n + 1) / 2 and the variance (n^2 - 1) / 12.
    largest_ranking = sqrt(3 * (n_cities - 1) / (n_cities + 1))
    largest_z1 = abs(z1).sum() * largest_ranking
    z1_deviation = sqrt(components.eigenvalues[0])
    furthest = abs(slope) * largest_z1
    # The least spread that the variance allows: all cities but one at one point.
    nearest = abs(slope) * z1_deviation / sqrt(n_cities)
    for claim, limit, bounds in (
        ("score_of_at_least_30", "at_least", (constant - furthest, constant - nearest)),
        ("score_of_at_most_100", "at_most", (constant + nearest, constant + furthest)),
    ):
        value = stated[claim]
        yield check(
            claim,
            published=value,
            bounds=bounds,
            holds=bool(value <= bounds[1] if limit == "at_least" else value >= bounds[0]),
            z1=(value - constant) / slope,
            z1_deviations=abs(value - constant) / (abs(slope) * z1_deviation),
            eigenvalue_1=components.eigenvalues[0],
            n_cities=n_cities,
            largest_ranking=largest_ranking,
            largest_z1=largest_z1,
            mean_score_of_ranks=constant + slope * z1.sum() * (n_cities + 1) / 2,
        )
    n_reversed = int((slope * z1 > 0).sum())
    of_etp = components.variables.index("ETP")
    yield check(
        "score_direction",
        recomputed=n_reversed,
        holds=n_reversed == 0,
        n_variables=len(z1),
        score_coefficient_ETP=slope * z1[of_etp],
        weight_ETP=weights.set_index("variable").loc["ETP", "weight"],
    )


@dataclass(frozen=True)
class Differences:
    """What Table 5 says of the differences between two rankings of the cities."""

    n_cities: int
    statistics: dict[str, float]
    """By symbol: t, M, S."""
    p_values: dict[str, Interval]
    n_agreeing: int
    """How many numbers of differences other than zero fit M and its p-value."""
    n_nonzero: float
    """The number that does, if one does; else nan."""
    location_tests: pd.DataFrame

    @classmethod
    def of(cls, table_5: pd.DataFrame, location_tests: pd.DataFrame) -> Differences:
        """Read Table 5 and what its tests would print (stats.published_location_tests)."""
        tests = table_5.set_index("symbol")
        agreeing = location_tests.loc[location_tests["sign_agrees"], "n_nonzero"]
        return cls(
            n_cities=int(table_5["observations"].max()),
            statistics=tests["statistic"].to_dict(),
            p_values=numbers_in(tests, "p_value", "p_value_decimals"),
            n_agreeing=len(agreeing),
            n_nonzero=float(agreeing.iloc[0]) if len(agreeing) == 1 else nan,
            location_tests=location_tests.set_index("n_nonzero"),
        )

    def test(self, column: str, more: int = 0) -> float:
        """What the tests would print with `n_nonzero` and so many more differences; else nan."""
        tests = self.location_tests[column]
        return float(tests.get(self.n_nonzero + more, nan))

    @property
    def n_positive(self) -> float:
        """M is half the difference between positive and negative ones."""
        return (self.n_nonzero + 2 * self.statistics["M"]) / 2

    @property
    def n_negative(self) -> float:
        """See n_positive."""
        return (self.n_nonzero - 2 * self.statistics["M"]) / 2


LEVEL = 0.05


def table_5(differences: Differences, unrelated: pd.DataFrame) -> Iterator[Check]:
    """Table 5: tests of location, and what they say of agreement and of over- and underestimates."""
    sign_p, signed_rank_p = differences.p_values["M"], differences.p_values["S"]
    sign, signed_rank = differences.test("sign_p_value"), differences.test("signed_rank_p_value")
    ties = [differences.test(f"tie_correction_{end}") for end in ("low", "high")]
    n, n_nonzero = differences.n_cities, differences.n_nonzero
    n_positive, n_negative = differences.n_positive, differences.n_negative
    simulated = unrelated[unrelated["n_units"] == n].set_index(["test", "probability"])
    half_p = simulated.at[("signed_rank", 0.5), "p_value"]
    largest = simulated["statistic"].abs().groupby("test").max()
    figures = {
        "n_cities": n,
        "sum_of_ranks": n * (n + 1) / 2,
        **differences.statistics,
        "n_nonzero": n_nonzero,
        "n_positive": n_positive,
        "n_negative": n_negative,
        "n_zero": n - n_nonzero,
        "sign_p": sign_p,
        "sign_p_fewer": differences.test("sign_p_value", -2),
        "sign_p_more": differences.test("sign_p_value", 2),
        "signed_rank_p": signed_rank_p,
        "ties": ties,
        # n differences, evenly over k sizes: sum(t^3 - t) / 48 = n ((n / k)^2 - 1) / 48.
        "tied_sizes": [n_nonzero / sqrt(48 * tie / n_nonzero + 1) for tie in reversed(ties)],
        "level": LEVEL,
        "n_simulations": simulated["n_simulations"].max(),
        "unrelated_p_00": simulated.at[("signed_rank", 0.0), "p_value"],
        "unrelated_p_05": simulated.at[("signed_rank", 0.05), "p_value"],
        "unrelated_s_most": largest["signed_rank"],
        "unrelated_m_most": largest["sign"],
        "unrelated_rho_low": simulated.at[("spearman", 0.01), "statistic"],
        "unrelated_rho_high": simulated.at[("spearman", 0.99), "statistic"],
    }
    t = differences.statistics["t"]
    yield check(
        "table_5_student_t",
        published=t,
        # Two complete rankings have the same sum.
        recomputed=0,
        holds=bool(t == 0 and differences.p_values["t"].value == 1),
        **figures,
    )
    yield check(
        "table_5_sign",
        published=sign_p,
        recomputed=sign,
        bounds=sign_p,
        holds=differences.n_agreeing == 1,
        **figures,
    )
    yield check(
        "table_5_signed_rank",
        published=signed_rank_p,
        recomputed=signed_rank,
        bounds=(nan, signed_rank),
        holds=not np.isnan(ties[0]) if differences.n_agreeing == 1 else None,
        **figures,
    )
    for claim, p, recomputed in (
        ("accepted_by_signed_rank", signed_rank_p, signed_rank),
        ("accepted_by_sign", sign_p, sign),
    ):
        holds = bool(p.value > LEVEL)
        yield check(claim, published=p, recomputed=recomputed, holds=holds, **figures)
    yield check(
        "acceptance_is_consistency", recomputed=half_p, holds=bool(half_p < LEVEL), **figures
    )
    for claim, more, fewer in (
        ("more_cities_above_zero", n_positive, n_negative),
        ("official_cei_overestimates", n_negative, n_positive),
    ):
        yield check(claim, recomputed=more - fewer, holds=below(fewer, more), **figures)


def rank_differences(
    stated: Mapping[str, float],
    differences: Differences,
    components: Components,
    weights: pd.DataFrame,
) -> Iterator[Check]:
    """Section IV: mean, deviation and shape of the differences, both numbers rounded to tens."""
    mean, sd = (printed(stated[f"differences_{moment}"], -1) for moment in ("mean", "sd"))
    n, n_positive, t = differences.n_cities, differences.n_positive, differences.statistics["t"]
    yield check(
        "differences_mean", published=mean, recomputed=t, bounds=mean, holds=mean.overlaps(t), t=t
    )
    positive = (mean / sd).map(lambda z: n * normal_cdf(z))
    yield check(
        "differences_gaussian",
        recomputed=n_positive,
        bounds=positive,
        holds=between(positive.low, n_positive, positive.high),
        n_cities=n,
        n_positive=n_positive,
        gaussian_positive=positive,
        # Near its middle the normal distribution function rises by 1 / sqrt(2 pi) a deviation.
        implied_centre=sd.value * sqrt(2 * pi) * (n_positive / n - 0.5),
    )
    variance_of_unrelated = (n * n - 1) / 6
    z1, cei = components.vectors[:, 0], _weights_of_six(weights, components)
    correlation = components.correlation(z1, cei)
    yield check(
        "differences_sd",
        published=sd,
        spearman_of_sd=1 - sd.value**2 / variance_of_unrelated,
        composite_correlation=correlation,
        sd_of_correlation=sqrt(variance_of_unrelated * (1 - correlation)),
        sd_of_unrelated=sqrt(variance_of_unrelated),
    )
    within = 100 * (1 - (sd.high / stated["differences_within_50"]) ** 2)
    yield check(
        "differences_within_50",
        bounds=(within, 100),
        holds=within > 50,
        sd_upper=sd.high,
        share_within=within,
    )


def section_4_weights(
    stated: Mapping[str, float], weights: pd.DataFrame, components: Components
) -> Iterator[Check]:
    """Section IV: the weights of the first-class indices, and whether Z1 bears them out."""
    every = numbers_in(weights.set_index("node_code"), "weight", "weight_decimals")
    whole = sum(every.values())
    yield agreement(
        "weights_sum", published=stated["weights_sum"], recomputed=whole, n_weights=len(every)
    )
    studied = weights[weights["variable"].notna()].set_index("variable")
    of_six = numbers_in(studied, "weight", "weight_decimals")
    left = sum(of_six.values())
    yield check(
        "weights_of_six",
        recomputed=left,
        holds=len(of_six) == stated["weights_of_six"] == len(components.variables),
        n_studied=len(of_six),
        **{f"share_{code}": weight.value / left.value for code, weight in of_six.items()},
    )
    z1, cei = components.vectors[:, 0], _weights_of_six(weights, components)
    spearman = pd.Series(cei).rank().corr(pd.Series(z1).rank())
    yield check(
        "weights_reasonable",
        recomputed=spearman,
        holds=bool(spearman > 0),
        composite_correlation=components.correlation(z1, cei),
        equal_correlation=components.correlation(z1, np.ones_like(cei)),
        weight=dict(zip(components.variables, cei, strict=True)),
        loading=dict(zip(components.variables, z1, strict=True)),
    )


def most_influential(components: Components, weights: pd.DataFrame) -> Iterator[Check]:
    """Sections III and V: GOV and EDU as the most influential indices, in Y1 and in the CEI."""
    loading = pd.Series(components.vectors[:, 0], components.variables)
    pair = ["GOV", "EDU"]
    yield check(
        "most_influential_in_y1",
        holds=set(loading.abs().nlargest(2).index) == set(pair),
        loading=loading,
    )
    table = weights.set_index(weights["variable"].fillna(weights["node_code"]))
    rank = table["weight"].rank(ascending=False, method="min")
    printed_weights = numbers_in(table, "weight", "weight_decimals")
    cei = _weights_of_six(weights, components)
    units = np.eye(len(components.variables))
    yield check(
        "most_influential_in_cei",
        recomputed=printed_weights["GOV"] + printed_weights["EDU"],
        holds=bool(rank[pair].max() == 2),
        weight_rank=rank,
        largest_pair_weight=table.loc[rank <= 2, "weight"].sum(),
        correlation={
            variable: components.correlation(cei, unit)
            for variable, unit in zip(components.variables, units, strict=True)
        },
    )


def normal_cdf(z: float) -> float:
    """Return the standard normal distribution function, off by less than 1e-7.

    Abramowitz & Stegun (1964), *Handbook of Mathematical Functions*, 26.2.17. The marts' numbers were
    published with it; `statistics.NormalDist` would change two of them in the seventh digit.
    """
    k = 1 / (1 + 0.2316419 * abs(z))
    coefficients = (0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429)
    tail = sum(b * k**power for power, b in enumerate(coefficients, start=1))
    tail *= exp(-z * z / 2) / sqrt(2 * pi)
    return tail if z < 0 else 1 - tail


def _weights_of_six(weights: pd.DataFrame, components: Components) -> Vector:
    """Return the weights of the CEI in the order of Table 2."""
    return weights.set_index("variable").loc[components.variables, "weight"].to_numpy()


def _halves(decimals: pd.Series) -> Vector:
    """Return half a unit of the last digit."""
    return 10.0 ** -decimals.to_numpy() / 2


def _by_short_code(claims: pd.DataFrame) -> dict[str, float]:
    """Return the numbers that claims take from running text, by the code without the paper's."""
    codes = claims["claim_code"].str.removeprefix(f"{PAPER}_")
    return dict(zip(codes, claims["stated"], strict=True))

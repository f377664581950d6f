"""Agreement of two rankings of the same units: tests, the shape of the differences, a reference.

d = official rank - other rank, Lin & Gu (2015), eq. 7. Their Table 5 tests whether d is centred on
zero and takes a large p-value for agreement. But the differences of two complete rankings have mean
zero by identity, whether the rankings agree or not. The location tests are computed as in SAS PROC
UNIVARIATE, for comparison with the paper; the rank correlations measure how far the rankings agree;
`reference_table` gives the distribution of every test for unrelated rankings.

Arrays named `first`, `second` and `differences` hold one pair of rankings per row: shape (k, n),
k pairs of n units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, lgamma, sqrt
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Ranks = NDArray[np.int64]
Row = dict[str, Any]

BIN_WIDTH = 10
"""Width of the bins of rank differences, in ranks: bin k covers [10k - 5, 10k + 5).

Zero is the middle of bin 0, so agreement shows as one high bin and not as two halves.
"""

CLOSE = 50
"""Lin & Gu (2015, Figure 3) call differences up to this size clustered."""

EXACT_UP_TO = 20
"""Largest number of non-zero differences for which SAS uses the exact signed-rank distribution."""

SEED = 284
SIMULATIONS = 2_000
SIMULATED_CELLS = 4_000_000
"""Limit of units times simulations for one size: about 30 MB per array."""

SMALLEST_SIMULATED = 5
PROBABILITIES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)

FITTED_PARAMETERS = 3
NARROWEST = 0.4  # bins; the neighbours of a narrower curve's highest bin are empty
NORMAL_975 = 1.959963984540054
ROUNDING = 0.5e-4  # of p-values reported to four decimals

TESTS = ("student_t", "sign", "signed_rank", "spearman", "kendall")

STUDENT_T = (
    "Paired t test of mean difference zero, two-sided, n - 1 degrees of freedom; NULL where all "
    "differences are equal. The mean is zero by identity when both rankings are complete."
)
SIGN = (
    "Sign test as SAS PROC UNIVARIATE: M = (positive - negative)/2, exact two-sided binomial over "
    "the non-zero differences."
)
SIGNED_RANK = (
    "Wilcoxon signed rank test as SAS PROC UNIVARIATE: S = W+ - n(n + 1)/4 over the n non-zero "
    "differences with midranks, two-sided; "
)
SIGNED_RANK_EXACT = (
    SIGNED_RANK
    + "exact given the midranks, n being at most 20 (every sign pattern equally likely)."
)
SIGNED_RANK_T = (
    SIGNED_RANK + "n above 20: t = S sqrt(n - 1)/sqrt(n V - S^2) on n - 1 degrees of freedom, V "
    "corrected for ties (Iman 1974)."
)
SPEARMAN = (
    "Spearman's rho: Pearson correlation of midranks; two-sided t test of zero on n - 2 degrees of "
    "freedom; 95 % interval by Fisher's z with standard error sqrt((1 + rho^2/2)/(n - 3)) (Bonett "
    "& Wright 2000)."
)
KENDALL = (
    "Kendall's tau-b; two-sided test of zero, exact without ties up to n = 33 (or with at most one "
    "concordant or discordant pair), else normal with the variance corrected for ties; 95 % "
    "interval by Fisher's z with variance 0.437/(n - 4) (Fieller, Hartley & Pearson 1957)."
)

AGREEMENT = pa.schema(
    [
        ("analysis_code", pa.string()),
        ("period", pa.int64()),
        ("test", pa.string()),
        ("statistic", pa.float64()),
        ("p_value", pa.float64()),
        ("n", pa.int64()),
        ("n_nonzero", pa.int64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("convention", pa.string()),
    ]
)

FIT = pa.schema(
    [
        ("analysis_code", pa.string()),
        ("period", pa.int64()),
        ("n", pa.int64()),
        ("mean", pa.float64()),
        ("sd", pa.float64()),
        ("skewness", pa.float64()),
        ("excess_kurtosis", pa.float64()),
        ("n_positive", pa.int64()),
        ("n_negative", pa.int64()),
        ("n_zero", pa.int64()),
        ("share_within_50", pa.float64()),
        ("bin_width", pa.int64()),
        ("fitted_centre", pa.float64()),
        ("fitted_sd", pa.float64()),
        ("fitted_height", pa.float64()),
        ("fit_status", pa.string()),
    ]
)

REFERENCE = pa.schema(
    [
        ("n_units", pa.int64()),
        ("test", pa.string()),
        ("probability", pa.float64()),
        ("statistic", pa.float64()),
        ("p_value", pa.float64()),
        ("n_simulations", pa.int64()),
        ("seed", pa.int64()),
    ]
)

REPORTED_LOCATION = pa.schema(
    [
        ("n_nonzero", pa.int64()),
        ("sign_p_value", pa.float64()),
        ("sign_agrees", pa.bool_()),
        ("signed_rank_p_value", pa.float64()),
        ("tie_correction_low", pa.float64()),
        ("tie_correction_high", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Result:
    """A test of k pairs of rankings: statistics and p-values of shape (k,), NaN if undefined."""

    statistic: Vector
    p_value: Vector


@dataclass(frozen=True)
class NormalCurve:
    """height exp(-(x - centre)^2/(2 sd^2)), x and sd in ranks, the height in units per bin."""

    centre: float
    sd: float
    height: float


# Tests of location ------------------------------------------------------------------------------


def student_t(differences: NDArray[np.number]) -> Result:
    """Paired t test of mean difference zero, two-sided, for every row of shape (k, n).

    NaN for fewer than two differences or if all are equal: there is no standard error then.
    """
    from scipy.stats import t as student

    n = differences.shape[1]
    if n < 2:
        return _undefined(len(differences))
    error = differences.std(axis=1, ddof=1) / sqrt(n)
    error[np.ptp(differences, axis=1) == 0] = np.nan
    statistic = differences.mean(axis=1) / error
    return Result(statistic, 2 * student.sf(np.abs(statistic), n - 1))


def sign(differences: NDArray[np.number]) -> Result:
    """Sign test for every row of shape (k, n): M and its exact two-sided p-value."""
    positive = (differences > 0).sum(axis=1)
    negative = (differences < 0).sum(axis=1)
    return Result((positive - negative) / 2, _sign_p(positive + negative, positive - negative))


def sign_test_p(n_nonzero: int, m: float) -> float:
    """P-value of the sign test from n and M as SAS reports them.

    Args:
        n_nonzero: differences that are not zero.
        m: M = (positive - negative)/2.

    Returns:
        The exact probability of an |M| at least as large if both signs are equally likely; 1 at M =
        0, also without any difference.

    Raises:
        ValueError: no counts of positive and negative differences have this n and M.

    """
    if not (n_nonzero >= 0 and abs(2 * m) <= n_nonzero and (n_nonzero + 2 * m) % 2 == 0):
        raise ValueError(f"M = {m:g} is impossible with {n_nonzero} non-zero differences")
    return float(_sign_p(np.array([n_nonzero]), np.array([2 * m]))[0])


def _sign_p(n_nonzero: ArrayLike, excess: ArrayLike) -> Vector:
    """Two-sided binomial p-values; the excess is positive minus negative differences."""
    from scipy.stats import binom

    n, larger = np.asarray(n_nonzero), (np.asarray(n_nonzero) + np.abs(excess)) / 2
    return np.minimum(1.0, 2 * binom.sf(larger - 1, n, 0.5))


def signed_rank(differences: NDArray[np.number]) -> Result:
    """Wilcoxon signed rank test as SAS PROC UNIVARIATE, for every row of shape (k, n).

    Zeros are left out, the n others ranked by size with midranks. S = W+ - n(n + 1)/4, W+ being the
    rank sum of the positive ones. Up to n = 20 the p-value is exact, given the midranks. Above, t =
    S sqrt(n - 1)/sqrt(n V - S^2) on n - 1 degrees of freedom, where V = n(n + 1)(2n + 1)/24 - sum
    t(t + 1)(t - 1)/48 over the groups of t tied sizes, which is a quarter of the sum of squared
    midranks. SAS Institute, *Base SAS Procedures Guide: Statistical Procedures*, chapter "The
    UNIVARIATE Procedure", section "Tests for Location"; Iman (1974), *Communications in Statistics*
    3, 795-806.
    """
    from scipy.stats import rankdata

    sizes = np.abs(differences)
    zeros = (sizes == 0).sum(axis=1)
    ranks = np.maximum(rankdata(sizes, axis=1) - zeros[:, np.newaxis], 0) * (sizes > 0)
    n = differences.shape[1] - zeros
    s = (ranks * np.sign(differences)).sum(axis=1) / 2
    p_value = _signed_rank_t_p(n, s, (ranks**2).sum(axis=1) / 4)
    for row in np.flatnonzero(n <= EXACT_UP_TO):
        doubled = np.rint(2 * ranks[row][sizes[row] > 0]).astype(np.int64)
        p_value[row] = _signed_rank_exact_p(doubled, s[row])
    return Result(s, p_value)


def signed_rank_p(n_nonzero: int, s: float, tie_correction: float = 0.0) -> float:
    """P-value of the signed rank test from n and S as SAS reports them, above 20 differences.

    Args:
        n_nonzero: differences that are not zero, above 20.
        s: S = W+ - n(n + 1)/4.
        tie_correction: reduction of V by ties, sum t(t + 1)(t - 1)/48 over the groups of t.

    Returns:
        The two-sided p-value by the t approximation of `signed_rank`.

    Raises:
        ValueError: at most 20 differences, where the p-value is exact and takes the ranks
            themselves, or an S or a tie correction that is not possible.

    """
    n = n_nonzero
    if n <= EXACT_UP_TO:
        raise ValueError(f"{n} non-zero differences: the approximation is for more than 20")
    if abs(s) > n * (n + 1) / 4:
        raise ValueError(f"S = {s:g} is impossible with {n} non-zero differences")
    if not 0 <= tie_correction <= _largest_tie_correction(n):
        raise ValueError(f"the ties of {n} differences cannot reduce V by {tie_correction:g}")
    v = _untied_variance(n) - tie_correction
    return float(_signed_rank_t_p(np.array([n]), np.array([s]), np.array([v]))[0])


def untied_signed_rank_p(n_nonzero: int, s: float) -> float:
    """Exact two-sided p-value of the signed rank test without ties, every sign equally likely."""
    sums = np.ones(1)  # probabilities of the values of W+
    for rank in range(1, n_nonzero + 1):
        sums = (np.pad(sums, (0, rank)) + np.pad(sums, (rank, 0))) / 2
    distance = np.abs(np.arange(len(sums)) - n_nonzero * (n_nonzero + 1) / 4)
    return float(sums[distance >= abs(s)].sum())


def _untied_variance(n: int) -> float:
    return n * (n + 1) * (2 * n + 1) / 24


def _largest_tie_correction(n: int) -> float:
    """Return the reduction of V if all n sizes are equal."""
    return (n**3 - n) / 48


def _signed_rank_t_p(n: ArrayLike, s: Vector, v: Vector) -> Vector:
    from scipy.stats import t as student

    n = np.asarray(n)
    spread = n * v - s**2  # never negative but for rounding; zero if all signed ranks are equal
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(s) * np.sqrt(n - 1) / np.sqrt(np.maximum(spread, 0))
    return 2 * student.sf(statistic, n - 1)


def _signed_rank_exact_p(doubled_ranks: Ranks, s: float) -> float:
    """Share of the sign patterns whose |S| is at least as large, by convolution.

    Args:
        doubled_ranks: twice the midranks, so integers, shape (n,), n up to 20.
        s: the observed S, a multiple of a quarter.

    """
    patterns = np.ones(1, dtype=np.int64)  # patterns by twice W+
    for rank in doubled_ranks:
        shifted = np.zeros(len(patterns) + rank, dtype=np.int64)
        shifted[: len(patterns)] += patterns
        shifted[rank:] += patterns
        patterns = shifted
    total = doubled_ranks.sum()
    distance = np.abs(2 * np.arange(total + 1) - total)  # 4 |S| of each twice W+
    extreme = distance >= round(4 * abs(s))
    return float(patterns[extreme].sum() / patterns.sum())


# Rank correlations ------------------------------------------------------------------------------


def spearman(first: NDArray[np.number], second: NDArray[np.number]) -> Result:
    """Spearman's rho for every pair of rows of shape (k, n): Pearson correlation of midranks.

    The p-value is that of t = rho sqrt((n - 2)/(1 - rho^2)) on n - 2 degrees of freedom, two-sided;
    zero at |rho| = 1. NaN where a ranking is constant; the p-value also at n = 2.
    """
    from scipy.stats import rankdata
    from scipy.stats import t as student

    n = first.shape[1]
    if n < 2:
        return _undefined(len(first))
    x, y = (2 * rankdata(ranks, axis=1) - (n + 1) for ranks in (first, second))  # whole numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
        rho = np.clip(rho, -1, 1)
        statistic = np.abs(rho) * np.sqrt((n - 2) / (1 - rho**2))
    return Result(rho, 2 * student.sf(statistic, n - 2) if n > 2 else np.full(len(rho), np.nan))


def kendall(first: NDArray[np.number], second: NDArray[np.number]) -> Result:
    """Kendall's tau-b and its two-sided p-value for every pair of rows of shape (k, n), by scipy.

    Exact without ties up to n = 33, or with at most one concordant or discordant pair; else normal
    with the variance corrected for ties. NaN where a ranking is constant.
    """
    from scipy.stats import kendalltau

    if first.shape[1] < 2:
        return _undefined(len(first))
    found = [kendalltau(x, y) for x, y in zip(first, second, strict=True)]
    tau = np.array([float(pair.statistic) for pair in found])
    tau = np.where(np.abs(tau) > 1 - 1e-12, np.sign(tau), tau)  # scipy may miss one by a bit
    return Result(tau, np.array([float(pair.pvalue) for pair in found]))


def spearman_interval(rho: float, n: int) -> tuple[float, float] | None:
    """95 % interval of Spearman's rho by Fisher's z, standard error sqrt((1 + rho^2/2)/(n - 3)).

    Bonett & Wright (2000), *Psychometrika* 65, 23-28. None at |rho| = 1 or for n up to 3.
    """
    return _fisher_interval(rho, (1 + rho**2 / 2) / (n - 3)) if n > 3 else None


def kendall_interval(tau: float, n: int) -> tuple[float, float] | None:
    """95 % interval of Kendall's tau by Fisher's z with variance 0.437/(n - 4).

    Fieller, Hartley & Pearson (1957), *Biometrika* 44, 470-481. None at |tau| = 1 or for n up to 4.
    """
    return _fisher_interval(tau, 0.437 / (n - 4)) if n > 4 else None


def _fisher_interval(correlation: float, variance: float) -> tuple[float, float] | None:
    if not abs(correlation) < 1:
        return None
    centre, reach = np.arctanh(correlation), NORMAL_975 * sqrt(variance)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))


def _undefined(k: int) -> Result:
    return Result(np.full(k, np.nan), np.full(k, np.nan))


# Tables of observed rankings --------------------------------------------------------------------


def agreement_table(ranks: pa.Table) -> pa.Table:
    """Test the agreement of two rankings in every analysis and period.

    Args:
        ranks: columns analysis_code, period, official_rank, z1_rank, one row per unit. A unit
            without one of the ranks is left out, and n counts the others.

    Returns:
        A table with the schema `AGREEMENT`: five tests (`TESTS`, in this order) per analysis and
        period, sorted. Intervals are NULL for the tests of location. Undefined statistics are NULL:
        identical rankings have no t, M = 0 and S = 0 with p = 1, and correlations of 1 without an
        interval.

    """
    rows: list[Row] = []
    for key, official, other in _pairs(ranks):
        n = len(official)
        first, second = official[np.newaxis], other[np.newaxis]
        differences = first - second
        n_nonzero = int(np.count_nonzero(differences))
        rho, tau = spearman(first, second), kendall(first, second)
        exact = n_nonzero <= EXACT_UP_TO
        found = {
            "student_t": (student_t(differences), None, STUDENT_T),
            "sign": (sign(differences), None, SIGN),
            "signed_rank": (
                signed_rank(differences),
                None,
                SIGNED_RANK_EXACT if exact else SIGNED_RANK_T,
            ),
            "spearman": (rho, spearman_interval(float(rho.statistic[0]), n), SPEARMAN),
            "kendall": (tau, kendall_interval(float(tau.statistic[0]), n), KENDALL),
        }
        for test in TESTS:
            result, interval, convention = found[test]
            low, high = interval or (None, None)
            rows.append(
                key
                | {
                    "test": test,
                    "statistic": _or_null(result.statistic[0]),
                    "p_value": _or_null(result.p_value[0]),
                    "n": n,
                    "n_nonzero": n_nonzero,
                    "ci_low": low,
                    "ci_high": high,
                    "convention": convention,
                }
            )
    return pa.Table.from_pylist(rows, schema=AGREEMENT)


def fit_table(ranks: pa.Table) -> pa.Table:
    """Describe the rank differences of every analysis and period, and fit a normal curve to them.

    Args:
        ranks: as in `agreement_table`.

    Returns:
        A table with the schema `FIT`, one row per analysis and period, sorted. `sd` has n - 1 in
        its denominator; `skewness` and `excess_kurtosis` are those of `moments`;
        `share_within_50` counts |d| <= 50; the curve is that of `fit_normal_curve`, NULL with
        fit_status 'not_fitted' where it returns None.

    """
    rows: list[Row] = []
    for key, official, other in _pairs(ranks):
        differences = official - other
        curve = fit_normal_curve(differences)
        rows.append(
            key
            | {name: _or_null(value) for name, value in moments(differences).items()}
            | {
                "n": len(differences),
                "n_positive": int((differences > 0).sum()),
                "n_negative": int((differences < 0).sum()),
                "n_zero": int((differences == 0).sum()),
                "share_within_50": float((np.abs(differences) <= CLOSE).mean()),
                "bin_width": BIN_WIDTH,
                "fitted_centre": curve.centre if curve else None,
                "fitted_sd": curve.sd if curve else None,
                "fitted_height": curve.height if curve else None,
                "fit_status": "ok" if curve else "not_fitted",
            }
        )
    return pa.Table.from_pylist(rows, schema=FIT)


def moments(differences: NDArray[np.number]) -> Mapping[str, float]:
    """Mean, standard deviation, adjusted skewness G1 and excess kurtosis G2 of shape (n,).

    G1 = g1 sqrt(n(n - 1))/(n - 2), G2 = ((n + 1) g2 + 6)(n - 1)/((n - 2)(n - 3)), as SAS prints
    (Joanes & Gill 1998, *The Statistician* 47, 183-189). NaN where n or the spread is too small.
    """
    n = len(differences)
    mean = float(differences.mean())
    centred = differences - mean
    variance = float((centred**2).mean())
    skewness = kurtosis = float("nan")
    if n > 2 and variance > 0:
        g1 = float((centred**3).mean()) / variance**1.5
        skewness = g1 * sqrt(n * (n - 1)) / (n - 2)
    if n > 3 and variance > 0:
        g2 = float((centred**4).mean()) / variance**2 - 3
        kurtosis = ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3))
    return {
        "mean": mean,
        "sd": sqrt(variance * n / (n - 1)) if n > 1 else float("nan"),
        "skewness": skewness,
        "excess_kurtosis": kurtosis,
    }


def fit_normal_curve(differences: Ranks) -> NormalCurve | None:
    """Fit height exp(-(x - centre)^2/(2 sd^2)) to the counts of the bins by least squares.

    This is the "simple gaussian-like fit" of Lin & Gu (2015, section IV) to their Figure 4, as far
    as their text describes it. Its centre is not the mean: it follows the bulk of the distribution,
    and a long tail on one side leaves it off zero even though the differences of two complete
    rankings have mean zero by identity.

    The bins follow the rule of `BIN_WIDTH`, from the lowest to the highest occupied one, empty
    ones included, with equal weights. Whole numbers in [10k - 5, 10k + 5) are 10k - 5, ..., 10k +
    4, so x is their middle, 10k - 0.5: at 10k the centre would come out half a rank too high.

    Args:
        differences: official minus other rank, shape (n,).

    Returns:
        The better of two fits, started from the moments and from the highest bin; its sd is not
        corrected for the width of the bins. None with fewer than four occupied bins for three
        parameters, or where the fit runs out of bounds: a centre beyond the data by more than their
        range, an sd below four ranks, which bins of ten ranks cannot resolve, or above ten ranges.

    """
    from scipy.optimize import least_squares

    bins = np.floor_divide(2 * differences + BIN_WIDTH, 2 * BIN_WIDTH)
    low, high = int(bins.min()), int(bins.max())
    counts = np.bincount(bins - low)
    if np.count_nonzero(counts) <= FITTED_PARAMETERS:
        return None
    x = np.arange(low, high + 1, dtype=float)  # in bins
    span, peak = high - low, float(counts.max())
    bounds = ([low - span, NARROWEST, 0.0], [high + span, 10.0 * span, 10 * peak])
    spread = float(bins.std())
    starts = (
        (float(bins.mean()), max(spread, 0.5), peak),
        (float(x[np.argmax(counts)]), max(spread / 2, 0.5), peak),
    )

    def misfit(parameters: Vector) -> Vector:
        centre, sd, height = parameters
        return height * np.exp(-((x - centre) ** 2) / (2 * sd**2)) - counts

    fits = [least_squares(misfit, s, bounds=bounds, xtol=1e-12, ftol=1e-12) for s in starts]
    best = min(fits, key=lambda fit: fit.cost)
    if not best.success or best.active_mask.any():
        return None
    centre, sd, height = best.x.tolist()
    return NormalCurve(centre * BIN_WIDTH - 0.5, sd * BIN_WIDTH, height)


def _pairs(ranks: pa.Table) -> list[tuple[Row, Ranks, Ranks]]:
    """Group the ranks by analysis and period, sorted, units in an order of their ranks."""
    groups: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for row in ranks.to_pylist():
        both = row["official_rank"], row["z1_rank"]
        if None not in both:
            groups[row["analysis_code"], row["period"]].append(both)
    return [
        ({"analysis_code": code, "period": period}, *np.array(sorted(pairs), dtype=np.int64).T)
        for (code, period), pairs in sorted(groups.items(), key=lambda group: group[0])
    ]


# Reference distribution: unrelated rankings -----------------------------------------------------


def reference_table(
    sizes: pa.Table, n_simulations: int = SIMULATIONS, seed: int = SEED
) -> pa.Table:
    """Distribution of every test over pairs of unrelated complete rankings.

    The tests depend only on the order of one ranking along the other, so each pair is the ranking
    1..n and a random permutation of it.

    Args:
        sizes: column n_units, the requested numbers of units; repeated ones and those below 5 are
            left out.
        n_simulations: pairs per size; fewer where units times pairs would pass 4,000,000.
        seed: of the random numbers. Every size has its own stream.

    Returns:
        A table with the schema `REFERENCE`, one row per size, test and probability
        (`PROBABILITIES`): the quantiles of the statistic and of the p-value, each by itself, that
        is the smallest simulated value with at least that share of the values at or below it.
        Pairs for which a test is undefined do not count.

    """
    wanted = {int(n) for n in sizes.column("n_units").to_pylist() if n is not None}
    rows: list[Row] = []
    for n in sorted(size for size in wanted if size >= SMALLEST_SIMULATED):
        pairs = max(1, min(n_simulations, SIMULATED_CELLS // n))
        results = _unrelated(n, pairs, seed)
        for test in TESTS:
            statistics = _quantiles(results[test].statistic)
            p_values = _quantiles(results[test].p_value)
            for probability, statistic, p_value in zip(
                PROBABILITIES, statistics, p_values, strict=True
            ):
                rows.append(
                    {
                        "n_units": n,
                        "test": test,
                        "probability": probability,
                        "statistic": statistic,
                        "p_value": p_value,
                        "n_simulations": pairs,
                        "seed": seed,
                    }
                )
    return pa.Table.from_pylist(rows, schema=REFERENCE)


def _unrelated(n: int, pairs: int, seed: int) -> dict[str, Result]:
    generator = np.random.default_rng([seed, n])
    first = np.broadcast_to(np.arange(n), (pairs, n))
    second = generator.permuted(first, axis=1)
    differences = first - second
    return {
        "student_t": student_t(differences),
        "sign": sign(differences),
        "signed_rank": signed_rank(differences),
        "spearman": spearman(first, second),
        "kendall": kendall_of_permutations(second),
    }


def kendall_of_permutations(permutations: Ranks) -> Result:
    """Kendall's tau between 0..n-1 and permutations of it, shape (k, n), as `kendall` gives it.

    Without ties tau = 1 - 4 D/(n(n - 1)), D being the discordant pairs, which are the inversions of
    the permutation.
    """
    from scipy.special import ndtr

    n = permutations.shape[1]
    discordant = inversions(permutations)
    pairs = n * (n - 1) // 2
    tau = 1 - 2 * discordant / pairs
    p_value = 2 * ndtr(-np.abs(tau) * pairs / sqrt(n * (n - 1) * (2 * n + 5) / 18))
    rarer = np.minimum(discordant, pairs - discordant)
    exact = (rarer <= 1) | (n <= 33)
    if exact.any():
        below = np.cumsum(_inversion_probabilities(n, int(rarer[exact].max())))
        p_value[exact] = np.minimum(1.0, 2 * below[rarer[exact]])
    return Result(tau, p_value)


def _inversion_probabilities(n: int, most: int) -> Vector:
    """Probability that a random permutation of n has 0, 1, ..., `most` inversions."""
    probabilities = np.ones(1)
    for k in range(2, n + 1):
        probabilities = np.convolve(probabilities, np.full(min(k, most + 1), 1 / k))[: most + 1]
    return np.pad(probabilities, (0, most + 1 - len(probabilities)))


def inversions(permutations: Ranks) -> Ranks:
    """Count the pairs in descending order in every row of shape (k, n), each holding 0..n-1.

    The values are sorted stably by their highest bit, then the next, ... (as a wavelet tree): two
    values are compared at the first bit in which they differ, and the pair is an inversion if the
    one with bit 1 comes before the one with bit 0. At every level the values that agree in the
    higher bits are adjacent, at the same positions in all rows, so one pass handles all rows. Time
    k n log n.
    """
    k, n = permutations.shape
    current = permutations.astype(np.int32)
    found = np.zeros(k, dtype=np.int64)
    places = np.arange(n)
    for bit in reversed(range((n - 1).bit_length())):
        half = 1 << bit
        starts = places & ~(2 * half - 1)  # the group of a place begins here ...
        zeros = np.minimum(starts + half, n) - starts  # ... and holds this many values with bit 0
        ones = (current & half) > 0
        before = np.cumsum(ones, axis=1, dtype=np.int32)
        before -= ones
        before -= before[:, starts]  # number of ones before, within the group
        found += np.where(ones, 0, before).sum(axis=1, dtype=np.int64)
        target = np.where(ones, starts + zeros + before, places - before)
        moved = np.empty_like(current)
        np.put_along_axis(moved, target, current, axis=1)
        current = moved
    return found


def unrelated_sign_tail(n_units: int, m: float) -> float:
    """Probability that the sign test of two unrelated complete rankings has an |M| of at least m.

    Beside the ranking 1..n, the other is a random permutation. Its excedances have positive
    differences, its fixed points none. C(n, f) D(n - f, k) of the n! permutations have f fixed
    points and k excedances, D(s, k) being the derangements of s with k excedances. These are
    k D(s - 1, k) + (s - k) D(s - 1, k - 1) + (s - 1) D(s - 2, k - 1): the last element is inserted
    in one of the k steps up of a cycle, or of the s - k other steps, or forms a cycle with another.
    Exact up to rounding, as nothing is subtracted.

    Args:
        n_units: units ranked, at least 1.
        m: M = (positive - negative)/2.

    """
    k = np.arange(n_units + 1)
    earlier, derangements = np.zeros((2, n_units + 1))  # D(s - 1, k) and D(s, k) over s!
    derangements[0] = 1
    tail = 0.0
    for size in range(n_units + 1):
        if size:
            one_less = np.roll(derangements, 1)  # the last one is always zero
            following = (k * derangements + (size - k) * one_less + np.roll(earlier, 1)) / size
            earlier, derangements = derangements, following
        extreme = derangements[np.abs(2 * k - size) >= 2 * abs(m)].sum()
        tail += extreme * exp(-lgamma(n_units - size + 1))
    return tail


def _quantiles(values: Vector) -> list[float | None]:
    defined = values[~np.isnan(values)]
    if not len(defined):
        return [None] * len(PROBABILITIES)
    return np.quantile(defined, PROBABILITIES, method="inverted_cdf").tolist()


# Numbers of differences that fit a reported table of location tests -----------------------------


def reported_location_table(
    m: float,
    s: float,
    reported_sign_p: float,
    reported_signed_rank_p: float,
    n_units: int,
    first_n_nonzero: int = 200,
) -> pa.Table:
    """Find the numbers of non-zero differences that fit a reported sign and signed rank test.

    A table such as that of Lin & Gu (2015, Table 5) reports M, S and their p-values to four
    decimals, but neither the number of zero differences nor the number of ties. The p-value of the
    sign test depends on the number of zeros only; given that, the p-value of the signed rank test
    depends on the ties through their reduction of V.

    Args:
        m: the sign test's M.
        s: the signed rank test's S.
        reported_sign_p: the sign test's p-value, rounded to four decimals.
        reported_signed_rank_p: the signed rank test's p-value, rounded to four decimals.
        n_units: units ranked, the largest possible number of differences.
        first_n_nonzero: the smallest number to examine, above 20.

    Returns:
        A table with the schema `REPORTED_LOCATION`, one row per count from `first_n_nonzero` to
        `n_units`: the sign test's p-value (NULL if M is impossible: 2M has another parity than the
        count, or is larger) and whether it rounds to the reported one; the signed rank test's
        p-value without ties (NULL if S is impossible); and the smallest and largest reduction of V
        by ties for which that p-value rounds to the reported one (NULL if none does).

    Raises:
        ValueError: a first count of at most 20, where the signed rank test is exact.

    """
    if first_n_nonzero <= EXACT_UP_TO:
        raise ValueError(f"first_n_nonzero is {first_n_nonzero}; it must be above {EXACT_UP_TO}")
    rows: list[Row] = []
    for n in range(first_n_nonzero, n_units + 1):
        m_possible = abs(2 * m) <= n and (n + 2 * m) % 2 == 0
        sign_p = sign_test_p(n, m) if m_possible else None
        possible = abs(s) <= n * (n + 1) / 4
        low, high = _tie_corrections(n, s, reported_signed_rank_p) if possible else (None, None)
        rows.append(
            {
                "n_nonzero": n,
                "sign_p_value": sign_p,
                "sign_agrees": sign_p is not None and abs(sign_p - reported_sign_p) <= ROUNDING,
                "signed_rank_p_value": signed_rank_p(n, s) if possible else None,
                "tie_correction_low": low,
                "tie_correction_high": high,
            }
        )
    return pa.Table.from_pylist(rows, schema=REPORTED_LOCATION)


def _tie_corrections(n: int, s: float, reported: float) -> tuple[float, float] | tuple[None, None]:
    """Smallest and largest reduction of V by ties at which the signed rank test has this p-value.

    The p-value falls as V falls; V(p) = S^2 (1 + (n - 1)/t^2)/n with t the quantile of p.
    """
    from scipy.stats import t as student

    def correction(p_value: float) -> float:
        t = student.isf(p_value / 2, n - 1)
        return _untied_variance(n) - s**2 * (1 + (n - 1) / t**2) / n

    largest = _largest_tie_correction(n)
    if s == 0:
        return (0.0, largest) if reported + ROUNDING >= 1 else (None, None)
    low = max(0.0, correction(reported + ROUNDING)) if reported + ROUNDING < 1 else 0.0
    high = min(largest, correction(reported - ROUNDING)) if reported > ROUNDING else largest
    return (float(low), float(high)) if low <= high else (None, None)


def _or_null(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

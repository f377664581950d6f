"""Agreement of rankings against SAS output, worked examples, enumeration and scipy."""

from itertools import permutations, product

import numpy as np
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from credit_indices.stats import agreement

# Ignore unclosed resources of dbt: dbt-duckdb opens an event loop per thread.
pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

# SAS Institute, Base SAS Procedures Guide, UNIVARIATE, Examples 4.4 and 4.13: two tests of twelve
# students, second minus first.
SCORE_CHANGES = [-3, 14, 2, 12, -5, -37, 3, -7, -3, 6, -5, -14]
# PROC UNIVARIATE output in a textbook on statistics for education and psychology, Figure 7.6: best
# minus poor relationship of ten pupils, two of them without a difference.
RELATIONSHIPS = [2, 2, 2, 0, 2, 4, 0, 1, -1, 2]


def as_ranks(differences, code="a", period=2012) -> pa.Table:
    """A table of ranks with these differences (the tests of location use nothing else)."""
    other = [1000 + 50 * position for position in range(len(differences))]
    return ranks([d + o for d, o in zip(differences, other, strict=True)], other, code, period)


def ranks(official, other, code="a", period=2012) -> pa.Table:
    return pa.table(
        {
            "analysis_code": pa.array([code] * len(official), pa.string()),
            "period": pa.array([period] * len(official), pa.int64()),
            "official_rank": pa.array(
                [None if r is None else int(r) for r in official], pa.int64()
            ),
            "z1_rank": pa.array([None if r is None else int(r) for r in other], pa.int64()),
        }
    )


def by_test(table: pa.Table) -> dict[str, dict]:
    return {row["test"]: row for row in agreement.agreement_table(table).to_pylist()}


def fit(table: pa.Table) -> dict:
    (row,) = agreement.fit_table(table).to_pylist()
    return row


def shuffled(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.permutation(n) + 1, generator.permutation(n) + 1


def tied(n: int, seed: int, values: int = 9) -> np.ndarray:
    """Whole differences with many ties, some zero."""
    return np.random.default_rng(seed).integers(-values, values + 2, n)


# Published output -------------------------------------------------------------------------------


def test_sas_output_of_twelve_score_changes():
    found = by_test(as_ranks(SCORE_CHANGES))
    assert found["student_t"]["statistic"] == pytest.approx(-0.80079, abs=5e-6)
    assert found["student_t"]["p_value"] == pytest.approx(0.4402, abs=5e-5)
    assert found["sign"]["statistic"] == -1
    assert found["sign"]["p_value"] == pytest.approx(0.7744, abs=5e-5)
    assert found["signed_rank"]["statistic"] == -8.5
    assert found["signed_rank"]["p_value"] == pytest.approx(0.5278, abs=5e-5)
    described = fit(as_ranks(SCORE_CHANGES))
    assert described["mean"] == pytest.approx(-3.08333, abs=5e-6)
    assert described["sd"] == pytest.approx(13.33797, abs=5e-6)
    assert described["skewness"] == pytest.approx(-1.42, abs=5e-3)


def test_sas_output_with_zeros_and_ties():
    found = by_test(as_ranks(RELATIONSHIPS))
    assert found["student_t"]["statistic"] == pytest.approx(3.096281, abs=5e-7)
    assert found["student_t"]["p_value"] == pytest.approx(0.0128, abs=5e-5)
    assert found["sign"]["statistic"] == 3
    assert found["sign"]["p_value"] == pytest.approx(0.0703, abs=5e-5)
    assert found["signed_rank"]["statistic"] == 16.5
    assert found["signed_rank"]["p_value"] == pytest.approx(0.0234, abs=5e-5)
    assert (found["signed_rank"]["n"], found["signed_rank"]["n_nonzero"]) == (10, 8)
    described = fit(as_ranks(RELATIONSHIPS))
    assert described["skewness"] == pytest.approx(-0.03421, abs=5e-6)
    assert described["excess_kurtosis"] == pytest.approx(0.215703, abs=5e-7)
    assert [described[f"n_{s}"] for s in ("positive", "negative", "zero")] == [7, 1, 2]


def test_sas_output_above_twenty_differences_is_read_back():
    """SAS's course data sasuser.testscores, 80 SAT scores minus 1200: M -5, S -207."""
    table = agreement.reported_location_table(-5, -207, 0.3019, 0.2866, 80, first_n_nonzero=40)
    agreeing = [row for row in table.to_pylist() if row["sign_agrees"]]
    assert [row["n_nonzero"] for row in agreeing] == [76]
    assert agreeing[0]["signed_rank_p_value"] == pytest.approx(0.2868, abs=5e-5)
    low, high = agreeing[0]["tie_correction_low"], agreeing[0]["tie_correction_high"]
    assert 0 < low < high < 100


def test_table_5_fits_280_non_zero_differences_with_ties():
    rows = agreement.reported_location_table(17, 1699, 0.0484, 0.2108, 284).to_pylist()
    assert [row["n_nonzero"] for row in rows] == list(range(200, 285))
    assert [row["n_nonzero"] for row in rows if row["sign_agrees"]] == [280]
    (row,) = [row for row in rows if row["sign_agrees"]]
    assert row["sign_p_value"] == pytest.approx(0.0484, abs=5e-5)
    assert row["signed_rank_p_value"] == pytest.approx(0.2109, abs=5e-5)
    assert row["tie_correction_low"] == pytest.approx(69, abs=0.5)
    assert row["tie_correction_high"] == pytest.approx(872, abs=0.5)
    assert all((row["sign_p_value"] is None) == (row["n_nonzero"] % 2 == 1) for row in rows)
    assert all(row["tie_correction_low"] is None for row in rows if row["n_nonzero"] < 280)


@pytest.mark.parametrize("end", ["tie_correction_low", "tie_correction_high"])
def test_reported_p_value_holds_between_the_tie_corrections(end):
    row = agreement.reported_location_table(17, 1699, 0.0484, 0.2108, 284).to_pylist()[80]
    outwards = -1 if end == "tie_correction_low" else 1
    inside = agreement.signed_rank_p(280, 1699, row[end] - outwards)
    outside = agreement.signed_rank_p(280, 1699, row[end] + outwards)
    assert abs(inside - 0.2108) < 0.5e-4 < abs(outside - 0.2108)


# The sign test and the signed rank test ---------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(0, 0), (1, -0.5), (7, 2.5), (12, 0), (280, 17), (13, -6.5)])
def test_sign_test_is_the_binomial_test(n, m):
    expected = stats.binomtest(round(n / 2 + m), n).pvalue if n else 1
    assert agreement.sign_test_p(n, m) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("n", "m"), [(10, 0.5), (9, 1), (4, 2.5), (10, 1.2), (-2, 0)])
def test_sign_test_refuses_impossible_statistics(n, m):
    with pytest.raises(ValueError, match=f"M = {m:g} is impossible with {n} non-zero"):
        agreement.sign_test_p(n, m)


@pytest.mark.parametrize(
    "differences",
    [
        [3],
        [-1, 1],
        [5, 5, 5],
        [1, -2, 2, 2, -7],
        [0, 0, 4, -4, 1, 6, -6, 6],
        tied(11, 3),
        tied(13, 4),
    ],
    ids=len,
)
def test_small_signed_rank_test_is_the_enumeration_of_all_signs(differences):
    sizes = np.abs(np.array([d for d in differences if d]))
    midranks = stats.rankdata(sizes)
    observed = (midranks * np.sign([d for d in differences if d])).sum()
    extreme = [
        abs(np.dot(midranks, signs)) >= abs(observed) - 1e-9
        for signs in product((-1, 1), repeat=len(sizes))
    ]
    found = by_test(as_ranks(differences))["signed_rank"]
    assert found["statistic"] == pytest.approx(observed / 2)
    assert found["p_value"] == pytest.approx(np.mean(extreme), rel=1e-12)
    assert "exact" in found["convention"]


@pytest.mark.parametrize("n", [22, 40, 300])
def test_large_signed_rank_test_is_the_t_test_of_midranks(n):
    """An identity of Conover & Iman (1981, The American Statistician 35, 124-129)."""
    differences = tied(n, n, values=12)
    nonzero = differences[differences != 0]
    signed = stats.rankdata(np.abs(nonzero)) * np.sign(nonzero)
    found = by_test(as_ranks(differences))["signed_rank"]
    assert found["n_nonzero"] == len(nonzero) > 20
    assert found["p_value"] == pytest.approx(stats.ttest_1samp(signed, 0).pvalue, rel=1e-10)
    assert "sqrt(n V - S^2)" in found["convention"]

    wilcoxon = stats.wilcoxon(nonzero, correction=False, alternative="greater", method="approx")
    quarter = len(nonzero) * (len(nonzero) + 1) / 4
    assert found["statistic"] == pytest.approx(wilcoxon.statistic - quarter)

    ties = np.unique(np.abs(nonzero), return_counts=True)[1]
    correction = (ties * (ties + 1) * (ties - 1)).sum() / 48
    again = agreement.signed_rank_p(len(nonzero), found["statistic"], correction)
    assert again == pytest.approx(found["p_value"], rel=1e-10)
    assert again != pytest.approx(agreement.signed_rank_p(len(nonzero), found["statistic"]))


def test_signed_rank_test_is_approximate_above_twenty():
    twenty, one_more = list(range(1, 11)) + list(range(-20, -10)), [21]
    for differences, word in ((twenty, "exact"), (twenty + one_more, "n above 20")):
        assert word in by_test(as_ranks(differences))["signed_rank"]["convention"]
    exact = by_test(as_ranks(twenty))["signed_rank"]
    other = stats.wilcoxon(twenty, method="exact")
    assert exact["p_value"] == pytest.approx(other.pvalue, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((20, 5), "20 non-zero differences: the approximation is for more than 20"),
        ((21, 116), "S = 116 is impossible with 21"),
        ((21, 5, -1), "the ties of 21 differences cannot reduce V by -1"),
        ((21, 5, 193), "the ties of 21 differences cannot reduce V by 193"),
    ],
)
def test_signed_rank_p_refuses_impossible_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        agreement.signed_rank_p(*arguments)


def test_location_table_marks_impossible_statistics():
    with pytest.raises(ValueError, match="must be above 20"):
        agreement.reported_location_table(0, 0, 1, 1, 30, first_n_nonzero=20)
    rows = agreement.reported_location_table(12, 200, 0.5, 0.5, 30, first_n_nonzero=21).to_pylist()
    assert [row["sign_p_value"] is None for row in rows] == [
        n < 24 or n % 2 == 1 for n in range(21, 31)
    ]
    assert [row["signed_rank_p_value"] is None for row in rows] == [
        n * (n + 1) / 4 < 200 for n in range(21, 31)
    ]
    assert agreement.reported_location_table(0, 0, 1, 1, 5).num_rows == 0


@pytest.mark.parametrize(("printed", "possible"), [(1.0, True), (0.9, False)])
def test_a_signed_rank_sum_of_zero_has_p_one_whatever_the_ties(printed, possible):
    (row,) = agreement.reported_location_table(0, 0, 1, printed, 30, first_n_nonzero=30).to_pylist()
    most = 30 * 31 * 29 / 48 if possible else None
    assert (row["tie_correction_low"], row["tie_correction_high"]) == (
        0 if possible else None,
        most,
    )


def test_identical_differences_give_p_value_zero():
    found = by_test(as_ranks([4] * 25))
    assert found["signed_rank"]["statistic"] == 25 * 26 / 4
    assert found["signed_rank"]["p_value"] == pytest.approx(0, abs=1e-12)
    assert found["sign"]["p_value"] == pytest.approx(2 * 0.5**25)
    assert found["student_t"]["statistic"] is None
    assert found["student_t"]["p_value"] is None


# Rank correlations ------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "levels"), [(6, None), (33, None), (34, None), (80, None), (40, 7)])
def test_correlations_and_t_are_those_of_scipy(n, levels):
    official, other = shuffled(n, n)
    other = np.where(np.arange(n) % 3 == 0, official, other)
    if levels:
        official, other = official % levels, other % levels
    found = by_test(ranks(official, other))
    for test, expected in (
        ("spearman", stats.spearmanr(official, other)),
        ("kendall", stats.kendalltau(official, other)),
        ("student_t", stats.ttest_rel(official, other)),
    ):
        assert found[test]["statistic"] == pytest.approx(expected.statistic, rel=1e-10, abs=1e-12)
        assert found[test]["p_value"] == pytest.approx(expected.pvalue, rel=1e-10)


def test_spearman_interval_is_the_example_of_statpsych():
    """R package statpsych (Bonett), ci.spear: 0.8699639, 0.5840951, 0.9638297."""
    y = [21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19]
    x = [67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51]
    found = by_test(ranks(y, x))["spearman"]
    assert found["statistic"] == pytest.approx(0.8699639, abs=5e-8)
    assert found["ci_low"] == pytest.approx(0.5840951, abs=5e-8)
    assert found["ci_high"] == pytest.approx(0.9638297, abs=5e-8)


def test_kendall_interval_is_the_example_of_statpsych():
    """R package statpsych (Bonett), ci.kendalltau(.05, .734, 40): 0.6178, 0.8188."""
    assert agreement.kendall_interval(0.734, 40) == pytest.approx((0.6178, 0.8188), abs=5e-5)


def test_kendall_interval_by_hand():
    # Order 2 1 4 3 5 6 beside 1..6: 2 of 15 pairs discordant, tau = 11/15 and, by atanh and
    # sqrt(.437/2) = .46744, tanh(.93590 -+ 1.95996 x .46744) = (.0197, .9519).
    found = by_test(ranks(range(1, 7), [2, 1, 4, 3, 5, 6]))["kendall"]
    assert found["statistic"] == pytest.approx(11 / 15)
    assert found["ci_low"] == pytest.approx(0.0197, abs=5e-5)
    assert found["ci_high"] == pytest.approx(0.9519, abs=5e-5)


@pytest.mark.parametrize(("test", "smallest"), [("spearman", 4), ("kendall", 5)])
def test_intervals_begin_where_their_variance_does(test, smallest):
    for n in range(3, 7):
        found = by_test(ranks(range(n), [1, 0, *range(2, n)]))[test]
        assert (found["ci_low"] is not None) == (found["ci_high"] is not None) == (n >= smallest)


# Degenerate rankings ----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [5, 30, 7919])
def test_identical_rankings(n):
    order = np.random.default_rng(n).permutation(n)
    found = by_test(ranks(order, order))
    assert [found[test]["statistic"] for test in agreement.TESTS] == [None, 0, 0, 1, 1]
    assert [found[test]["p_value"] for test in agreement.TESTS[:4]] == [None, 1, 1, 0]
    assert found["kendall"]["p_value"] < 0.02
    assert {row["n_nonzero"] for row in found.values()} == {0}
    assert {row["n"] for row in found.values()} == {n}
    assert {row["ci_low"] for row in found.values()} == {None}


@pytest.mark.parametrize("n", [6, 31])
def test_reversed_rankings(n):
    found = by_test(ranks(range(n), range(n)[::-1]))
    assert [found[test]["statistic"] for test in agreement.TESTS] == [0, 0, 0, -1, -1]
    assert [found[test]["p_value"] for test in agreement.TESTS[:3]] == [1, 1, 1]
    assert found["spearman"]["ci_low"] is None
    assert found["kendall"]["ci_high"] is None


def test_one_and_two_units_are_described_but_not_tested():
    one = by_test(ranks([1], [1]))
    assert [one[test]["statistic"] for test in agreement.TESTS] == [None, 0, 0, None, None]
    two = by_test(ranks([1, 2], [2, 1]))
    assert [two[test]["statistic"] for test in agreement.TESTS] == [0, 0, 0, -1, -1]
    assert two["spearman"]["p_value"] is None
    assert fit(ranks([1], [1]))["sd"] is None
    assert fit(ranks([1, 2], [2, 1]))["skewness"] is None


def test_a_constant_ranking_has_no_correlation():
    found = by_test(ranks([1, 2, 3, 4, 5, 6], [1] * 6))
    for test in ("spearman", "kendall"):
        assert {found[test][c] for c in ("statistic", "p_value", "ci_low", "ci_high")} == {None}


# Tables -----------------------------------------------------------------------------------------


def test_rows_are_sorted_by_analysis_period_and_test():
    tables = [
        ranks(*shuffled(12, seed), code=code, period=period)
        for seed, (code, period) in enumerate([("b", 1), ("a", 2), ("a", 1)])
    ]
    tables.append(as_ranks(tied(101, 1, values=40), code="c", period=1))  # sums that are not exact
    table = pa.concat_tables(tables)
    found = agreement.agreement_table(table)
    rows = found.to_pylist()
    assert found.schema.equals(agreement.AGREEMENT)
    assert [(r["analysis_code"], r["period"], r["test"]) for r in rows] == [
        (code, period, test)
        for code, period in (("a", 1), ("a", 2), ("b", 1), ("c", 1))
        for test in agreement.TESTS
    ]
    upside_down = table.take(list(range(table.num_rows))[::-1])
    assert agreement.agreement_table(upside_down).equals(found)
    assert agreement.fit_table(upside_down).equals(agreement.fit_table(table))
    alone = agreement.agreement_table(tables[1]).to_pylist()
    assert rows[5:10] == alone


def test_a_unit_without_a_rank_is_left_out():
    complete, gaps = ranks([1, 2, 3], [2, 3, 1]), ranks([1, 2, None, 3, 9], [2, 3, 4, 1, None])
    assert agreement.agreement_table(gaps).equals(agreement.agreement_table(complete))
    assert agreement.fit_table(gaps).equals(agreement.fit_table(complete))


def test_empty_tables_have_the_schema():
    empty = ranks([], [])
    assert agreement.agreement_table(empty).equals(agreement.AGREEMENT.empty_table())
    assert agreement.fit_table(empty).equals(agreement.FIT.empty_table())
    only_gaps = ranks([None], [1])
    assert agreement.agreement_table(only_gaps).num_rows == 0
    sizes = pa.table({"n_units": pa.array([], pa.int64())})
    assert agreement.reference_table(sizes).equals(agreement.REFERENCE.empty_table())


# The shape of the differences -------------------------------------------------------------------


def test_description_of_differences_by_scipy():
    differences = tied(90, 5, values=80)
    found = fit(as_ranks(differences))
    assert found["n"] == 90
    assert found["mean"] == pytest.approx(differences.mean())
    assert found["sd"] == pytest.approx(differences.std(ddof=1))
    assert found["skewness"] == pytest.approx(stats.skew(differences, bias=False))
    assert found["excess_kurtosis"] == pytest.approx(stats.kurtosis(differences, bias=False))
    assert found["share_within_50"] == pytest.approx(np.mean(np.abs(differences) <= 50))
    assert found["bin_width"] == 10


def test_fifty_is_within_fifty():
    assert fit(as_ranks([50, -50, 51, -51]))["share_within_50"] == 0.5


@pytest.mark.parametrize("centre", [0, 20, -7])
def test_fit_recovers_the_normal_curve(centre):
    values = np.arange(-150, 151)
    counts = np.rint(2_000 * stats.norm.pdf(values, scale=30)).astype(int)
    found = fit(as_ranks(np.repeat(values, counts) + centre))
    assert found["fit_status"] == "ok"
    assert found["fitted_centre"] == pytest.approx(centre, abs=0.05)
    # Bins of ten add a uniform spread to the normal one: 30^2 + 10^2/12
    assert found["fitted_sd"] == pytest.approx(np.sqrt(900 + 100 / 12), abs=0.1)
    area = found["fitted_height"] * found["fitted_sd"] * np.sqrt(2 * np.pi) / 10
    assert area == pytest.approx(counts.sum(), rel=0.01)


def test_a_fitted_centre_of_twenty_goes_with_a_mean_of_zero():
    """Lin & Gu report a curve "off to right by ~ 20 city ranks", and t = 0, p = 1."""
    n, fallen = 284, 20
    score = np.arange(n) + np.random.default_rng(5).normal(scale=15, size=n)
    score[:fallen] += 2 * n
    official, other = np.arange(n), stats.rankdata(score) - 1
    found = fit(ranks(official, other))
    assert found["mean"] == 0
    assert found["fitted_centre"] == pytest.approx(20, abs=4)
    location = by_test(ranks(official, other))
    assert (location["student_t"]["statistic"], location["student_t"]["p_value"]) == (0, 1)
    assert location["sign"]["p_value"] < 1e-6


@pytest.mark.parametrize(
    "differences",
    [
        "-30 -25 -21 -17 -16 -12 -11 -7 -6 -4 -2 -1 -1 -1 0 0 1 1 1 2 3 4 6 7 16 16 17 17 18 19 26",
        "-20 -20 -16 -14 -13 -12 -11 -10 -10 -9 -9 -8 -8 -7 -7 -3 0 0 3 5 6 8 8 10 11 17 19 20 20 "
        "24 26",
    ],
    ids=["a narrow hill is best", "a wide hill is best"],
)
def test_no_curve_on_a_grid_is_nearer_than_the_fitted_one(differences):
    """Two peaks: each start of the search misses the better one in one of these."""
    differences = [int(d) for d in differences.split()]
    bins = np.floor((np.array(differences) + 5) / 10)
    x = np.arange(bins.min(), bins.max() + 1)
    counts = (bins == x[:, np.newaxis]).sum(axis=1)

    def misfit(centre, sd, height=None):
        shape = np.exp(-((x - centre) ** 2) / (2 * sd**2))
        height = shape @ counts / (shape @ shape) if height is None else height
        return ((height * shape - counts) ** 2).sum()

    found = fit(as_ranks(differences))
    fitted = misfit(
        (found["fitted_centre"] + 0.5) / 10, found["fitted_sd"] / 10, found["fitted_height"]
    )
    grid = [misfit(c, sd) for c in np.arange(-3, 3, 0.05) for sd in np.arange(0.4, 5, 0.05)]
    assert fitted <= min(grid) + 1e-9
    assert fitted >= 0.95 * min(grid)


def test_bins_begin_five_below_their_middle():
    # Bins of -15..-6, -5..4, 5..14, 15..24 with the counts 1, 4, 4, 1: a curve centred between the
    # middles of the second and the third, -0.5 and 9.5.
    found = fit(as_ranks([-15, -5, 4, 4, -5, 5, 14, 14, 5, 24]))
    assert found["fitted_centre"] == pytest.approx(4.5, abs=1e-3)
    assert fit(as_ranks([-6, -5, 4, 4, -5, 5, 14, 14, 5, 15])) | {
        name: found[name] for name in ("mean", "sd", "skewness", "excess_kurtosis")
    } == pytest.approx(found)


@pytest.mark.parametrize(
    "differences",
    [
        [0],
        [0] * 50,
        [-10, 0, 0, 0, 0, 10, 10],
        [-300, 0, 0, 0, 300],
        [*range(-40, 50, 10), *[0] * 500],
        [-30, -30, -30, -30, -20, -20, -20, -10, -10, 0, *[40] * 9, *[50] * 90, *[60] * 900],
    ],
    ids=["one", "all zero", "three bins", "three occupied bins", "a spike", "beyond the edge"],
)
def test_differences_without_a_normal_curve_are_not_fitted(differences):
    found = fit(as_ranks(differences))
    assert found["fit_status"] == "not_fitted"
    assert {found[name] for name in found if name.startswith("fitted")} == {None}


# Unrelated rankings -----------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 8, 9, 64, 65])
def test_inversions_are_the_pairs_in_descending_order(n):
    permutations = np.random.default_rng(n).permuted(np.tile(np.arange(n), (20, 1)), axis=1)
    permutations[0], permutations[1] = np.arange(n), np.arange(n)[::-1]
    expected = [sum(int((p[i] > p[i + 1 :]).sum()) for i in range(n)) for p in permutations]
    assert agreement.inversions(permutations).tolist() == expected


@pytest.mark.parametrize("n", [5, 6, 33, 34, 100])
def test_kendall_of_permutations_is_kendall(n):
    permutations = np.random.default_rng(n).permuted(np.tile(np.arange(n), (30, 1)), axis=1)
    permutations[0], permutations[1] = np.arange(n), np.arange(n)[::-1]
    permutations[2] = [1, 0, *range(2, n)]
    fast = agreement.kendall_of_permutations(permutations)
    slow = agreement.kendall(np.broadcast_to(np.arange(n), permutations.shape), permutations)
    assert_allclose(fast.statistic, slow.statistic, atol=1e-12)
    assert_allclose(fast.p_value, slow.p_value, rtol=1e-9)


@pytest.fixture(scope="module")
def unrelated() -> dict[str, dict[float, dict]]:
    table = agreement.reference_table(pa.table({"n_units": [284]}))
    found: dict = {test: {} for test in agreement.TESTS}
    for row in table.to_pylist():
        found[row["test"]][row["probability"]] = row
    return found


def test_tests_of_location_accept_unrelated_rankings(unrelated):
    """None of 2,000 pairs of unrelated rankings of 284 cities is rejected at 5 %."""
    assert unrelated["student_t"][0.0]["p_value"] == 1
    assert unrelated["signed_rank"][0.0]["p_value"] > 0.5
    assert unrelated["sign"][0.0]["p_value"] > 0.05
    assert unrelated["sign"][0.05]["p_value"] > 0.25


@pytest.mark.parametrize("n", range(1, 8))
def test_tail_of_the_sign_test_enumerates_all_rankings(n):
    rankings = np.array(list(permutations(range(n))))
    m = (np.sign(rankings - np.arange(n)).sum(axis=1)) / 2
    for least in np.arange(0, n / 2 + 1, 0.5):
        expected = (abs(m) >= least).mean()
        assert agreement.unrelated_sign_tail(n, least) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("n", "s"), [(4, 5), (21, 60.5), (50, 0.5), (50, -200.5)])
def test_untied_signed_rank_test_is_that_of_scipy(n, s):
    differences, left = -np.arange(1.0, n + 1), n * (n + 1) / 4 + s
    for place in range(n - 1, -1, -1):
        if place + 1 <= left:
            differences[place] *= -1
            left -= place + 1
    assert left == 0
    expected = stats.wilcoxon(differences, method="exact").pvalue
    assert agreement.untied_signed_rank_p(n, s) == pytest.approx(expected, rel=1e-9)


def test_unrelated_rankings_have_known_rank_correlations(unrelated):
    n = 284
    deviation = {
        "spearman": 1 / np.sqrt(n - 1),
        "kendall": np.sqrt(2 * (2 * n + 5) / (9 * n * (n - 1))),
    }
    for test, sd in deviation.items():
        for probability in (0.05, 0.25, 0.5, 0.75, 0.95):
            row = unrelated[test][probability]
            assert row["statistic"] / sd == pytest.approx(stats.norm.ppf(probability), abs=0.12)
            assert row["p_value"] == pytest.approx(probability, abs=0.04)


def test_reference_table_is_unique_by_size_and_reproducible():
    sizes = pa.table({"n_units": [8, 6, None, 8, 4, -1]})
    table = agreement.reference_table(sizes, n_simulations=50, seed=3)
    rows = table.to_pylist()
    assert table.schema.equals(agreement.REFERENCE)
    assert [(r["n_units"], r["test"], r["probability"]) for r in rows] == [
        (n, test, probability)
        for n in (6, 8)
        for test in agreement.TESTS
        for probability in agreement.PROBABILITIES
    ]
    assert {(r["n_simulations"], r["seed"]) for r in rows} == {(50, 3)}
    alone = agreement.reference_table(pa.table({"n_units": [8]}), n_simulations=50, seed=3)
    assert rows[len(rows) // 2 :] == alone.to_pylist()
    assert not alone.equals(
        agreement.reference_table(pa.table({"n_units": [8]}), n_simulations=50, seed=4)
    )


def test_quantiles_are_simulated_values():
    table = agreement.reference_table(pa.table({"n_units": [5]}), n_simulations=400)
    for test in agreement.TESTS:
        rows = [row for row in table.to_pylist() if row["test"] == test]
        for name in ("statistic", "p_value"):
            values = [row[name] for row in rows]
            assert values == sorted(values)
    # All 120 orders of five occur among 400: rho and tau reach both ends, and n = 5 is exact.
    ends = [r["statistic"] for r in table.to_pylist() if r["test"] == "kendall"]
    assert (ends[0], ends[-1]) == (-1, 1)


def test_quantiles_do_not_fall_between_simulated_values():
    table = agreement.reference_table(pa.table({"n_units": [40]}), n_simulations=2)
    for test in ("sign", "signed_rank", "spearman", "kendall"):
        rows = [row for row in table.to_pylist() if row["test"] == test]
        assert len({row["statistic"] for row in rows}) == 2
        assert rows[4]["statistic"] == rows[0]["statistic"]  # the median of two is the lower


def test_many_units_take_fewer_simulations(monkeypatch):
    monkeypatch.setattr(agreement, "SIMULATED_CELLS", 300)
    table = agreement.reference_table(pa.table({"n_units": [10, 60, 900]}), n_simulations=20)
    simulations = {row["n_units"]: row["n_simulations"] for row in table.to_pylist()}
    assert simulations == {10: 20, 60: 5, 900: 1}

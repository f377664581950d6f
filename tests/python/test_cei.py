"""The shipped CEI and its cross-check against the paper's equations in numpy."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.multivariate.pca import PCA

CATEGORIES = (
    "credit_launch",
    "enterprise_risk_management",
    "credit_reporting_system",
    "government_credit_monitoring",
    "dishonesty",
    "credit_education",
)
# Lin & Gu (2015), section IV.
WEIGHTS = np.array([0.304075, 0.141675, 0.068975, 0.1253, 0.1853, 0.082475])
CORPORATE_EXPERIENCE = 0.0922


def column(shipped, sql: str) -> dict:
    return dict(shipped.query(sql))


@pytest.fixture(scope="module")
def category_values(shipped) -> tuple[list[str], np.ndarray]:
    """City codes and the raw category values, cities x 6."""
    found = shipped.query(
        "select unit_id, "
        + ", ".join(f"max(value) filter (indicator_code = 'category_{c}')" for c in CATEGORIES)
        + " from intermediate.int_observations__accepted "
        "join intermediate.int_catalog__units using (unit_key) "
        "join intermediate.int_catalog__indicators using (indicator_key) "
        "where indicator_code like 'category_%' group by unit_id order by unit_id"
    )
    return [row[0] for row in found], np.array([row[1:] for row in found], dtype=float)


def test_cei_follows_equations_2_and_3(shipped, category_values):
    cities, values = category_values
    assert len(cities) == 284
    z = (values - values.min(axis=0)) / np.ptp(values, axis=0)
    expected = dict(zip(cities, (z * 40 + 60) @ WEIGHTS / WEIGHTS.sum(), strict=True))
    found = column(shipped, "select unit_id, score from marts.cei")
    assert found == pytest.approx(expected, rel=1e-10)
    expected = dict(zip(cities, (z * 100) @ WEIGHTS / WEIGHTS.sum(), strict=True))
    found = column(
        shipped,
        "select unit_id, score from marts.index_scores "
        "where index_code = 'cei_eq1' and scheme = 'headline'",
    )
    assert found == pytest.approx(expected, rel=1e-10)
    assert shipped.query(
        "select count(*) from marts.cei where corporate_experience is not null"
    ) == [(0,)]


def test_published_weights_are_in_the_mart_and_sum_to_one(shipped):
    found = column(
        shipped,
        "select node_code, weight from marts.index_weights where index_code = 'cei' "
        "and scheme = 'headline' and indicator_code is null and parent_code = 'cei'",
    )
    expected = dict(zip(CATEGORIES, WEIGHTS, strict=True))
    assert found == pytest.approx({**expected, "corporate_experience": CORPORATE_EXPERIENCE})
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)


def test_the_full_hierarchy_is_that_of_table_1(shipped):
    assert shipped.query(
        "select level, count(*) from intermediate.int_catalog__nodes "
        "where index_code = 'cei_full' group by 1 order by 1"
    ) == [(1, 1), (2, 7), (3, 16)]
    assert shipped.query(
        "select direction, count(*) from intermediate.int_index__members "
        "where index_code = 'cei_full' group by 1 order by 1"
    ) == [(-1, 5), (1, 26)]


def group_weights(shipped) -> dict[str, dict[str, float]]:
    """Principal eigenvectors by power iteration of the geometric means of the judgements."""
    pairs: dict[str, dict[tuple[str, str], list[float]]] = {}
    for parent, a, b, judgement in shipped.query(
        "select parent_code, item_a, item_b, judgement from catalog.ahp_judgements"
    ):
        given = pairs.setdefault(parent, {})
        given.setdefault((a, b), []).append(np.log(judgement))
        given.setdefault((b, a), []).append(-np.log(judgement))
    weights = {}
    for parent, given in pairs.items():
        items = sorted({a for a, _ in given})
        matrix = np.eye(len(items))
        for (a, b), logs in given.items():
            matrix[items.index(a), items.index(b)] = np.exp(np.mean(logs))
        vector = np.ones(len(items))
        for _ in range(500):
            vector = matrix @ vector
            vector /= vector.sum()
        weights[parent] = dict(zip(items, vector, strict=True))
    return weights


def test_full_index_is_the_weighted_mean_by_level(shipped):
    weights = group_weights(shipped)
    nodes = shipped.query(
        "select node_code, parent_code from intermediate.int_catalog__nodes "
        "where index_code = 'cei_full'"
    )
    members = {
        code: (node, direction)
        for code, node, direction in shipped.query(
            "select indicator_code, node_code, direction from intermediate.int_index__members "
            "where index_code = 'cei_full'"
        )
    }
    values: dict[str, dict[str, float]] = {}
    for unit, code, value in shipped.query(
        "select unit_id, indicator_code, value from intermediate.int_observations__accepted "
        "join intermediate.int_catalog__units using (unit_key) "
        "join intermediate.int_catalog__indicators using (indicator_key) "
        "where period = 2012 and length(unit_id) = 4"
    ):
        if code in members:
            values.setdefault(code, {})[unit] = value
    assert len(values) == 30  # corporate experience has none

    def mean_of(parent: str, unit: str) -> float | None:
        present = []
        for code, (node, direction) in members.items():
            if node == parent and unit in values.get(code, {}):
                low, high = min(values[code].values()), max(values[code].values())
                z = (values[code][unit] - low) / (high - low)
                present.append((code, 60 + 40 * (z if direction == 1 else 1 - z)))
        for node, above in nodes:
            if above == parent and (score := mean_of(node, unit)) is not None:
                present.append((node, score))
        given = weights.get(parent, {})
        if sum(given.get(code, 1) for code, _ in present) < 0.65:
            return None
        total = sum(given.get(code, 1) for code, _ in present)
        return sum(given.get(code, 1) * score for code, score in present) / total

    found = column(
        shipped,
        "select unit_id, score from marts.index_scores "
        "where index_code = 'cei_full' and scheme = 'headline'",
    )
    assert len(found) == 284
    for unit in list(found)[::7]:
        assert found[unit] == pytest.approx(mean_of("cei_full", unit), rel=1e-10)


@pytest.fixture(scope="module")
def rankings(category_values) -> tuple[list[str], np.ndarray]:
    cities, values = category_values
    return cities, stats.rankdata(-values, axis=0)


def test_the_components_are_those_of_statsmodels(shipped, rankings):
    cities, ranks = rankings
    reference = PCA(ranks, standardize=True)
    eigenvalues = reference.eigenvals / len(cities)
    found = shipped.query(
        "select eigenvalue, difference, proportion, cumulative from marts.pca_components "
        "where analysis_code = 'cei_rankings' order by component"
    )
    np.testing.assert_allclose([row[0] for row in found], eigenvalues, rtol=1e-10)
    np.testing.assert_allclose([row[1] for row in found[:5]], -np.diff(eigenvalues), rtol=1e-8)
    np.testing.assert_allclose([row[2] for row in found], eigenvalues / 6, rtol=1e-10)
    np.testing.assert_allclose([row[3] for row in found], np.cumsum(eigenvalues) / 6, rtol=1e-10)
    loadings = np.array(
        [
            [
                shipped.value(
                    "select loading from marts.pca_loadings where analysis_code = 'cei_rankings' "
                    f"and component = {component} and variable = '{variable}'"
                )
                for component in range(1, 7)
            ]
            for variable in ("LCH", "ETP", "SYS", "GOV", "DIS", "EDU")
        ]
    )
    signs = np.sign((loadings * reference.eigenvecs).sum(axis=0))
    np.testing.assert_allclose(loadings, reference.eigenvecs * signs, atol=1e-9)
    z = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0, ddof=1)
    for component in range(1, 7):
        found = column(
            shipped,
            "select unit_id, score from marts.pca_scores "
            f"where analysis_code = 'cei_rankings' and component = {component}",
        )
        expected = z @ loadings[:, component - 1]
        np.testing.assert_allclose([found[city] for city in cities], expected, atol=1e-9)


def test_the_printed_table_2_gives_tables_3_and_4(shipped):
    printed = shipped.query(
        "select eigenvalue from published.lin_gu_2015_table_3 order by component"
    )
    found = shipped.query(
        "select eigenvalue from marts.pca_components where analysis_code = 'cei_published' "
        "order by component"
    )
    np.testing.assert_allclose(found, printed, atol=1e-4)
    largest_gap = shipped.value(
        "select max(abs(loading - case component when 1 then y1 when 2 then y2 when 3 then y3 "
        "when 4 then y4 when 5 then y5 when 6 then y6 end)) from marts.pca_loadings "
        "join published.lin_gu_2015_table_4 using (variable) where analysis_code = 'cei_published'"
    )
    assert largest_gap < 2e-4
    kmo, statistic, df = shipped.query(
        "select kmo, bartlett_statistic, bartlett_df from marts.pca_fits "
        "where analysis_code = 'cei_published'"
    )[0]
    assert (round(kmo, 3), round(statistic, 1), df) == (0.642, 201.8, 15)
    assert column(
        shipped,
        "select rule, components_kept from marts.pca_retention "
        "where analysis_code = 'cei_published'",
    ) == {
        "proportion_15": 3,
        "proportion_20": 1,
        "cumulative_80": 4,
        "eigenvalue_1": 2,
        "parallel_analysis": 2,
    }


def test_the_rank_differences_are_those_of_scipy(shipped, rankings):
    cities, ranks = rankings
    z = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0, ddof=1)
    vectors = np.linalg.eigh(np.corrcoef(ranks.T))[1][:, -1]
    z1 = z @ (vectors * np.sign(vectors[3]))
    official = column(shipped, "select unit_id, score from marts.cei")
    official_ranks = stats.rankdata([-official[city] for city in cities]).astype(int)
    expected = {
        city: (official_rank, z1_rank, official_rank - z1_rank)
        for city, official_rank, z1_rank in zip(
            cities, official_ranks, stats.rankdata(z1).astype(int), strict=True
        )
    }
    found = {
        city: tuple(rest)
        for city, *rest in shipped.query(
            "select unit_id, official_rank, z1_rank, rank_difference from marts.rank_differences"
        )
    }
    assert found == expected
    assert shipped.query(
        "select unit_name from marts.rank_differences order by z1_rank limit 4"
    ) == [("Foshan",), ("Shanghai",), ("Nantong",), ("Beijing",)]
    assert shipped.value(
        "select max(abs(z1_score - (-11 * z1 + 61))) from marts.rank_differences"
    ) == pytest.approx(0, abs=1e-9)

    differences = np.array([d for *_, d in expected.values()])
    tests = {
        test: tuple(rest)
        for test, *rest in shipped.query(
            "select test, statistic, p_value, n, n_nonzero from marts.agreement_tests"
        )
    }
    nonzero = differences[differences != 0]
    assert {row[2:] for row in tests.values()} == {(284, len(nonzero))}
    assert tests["student_t"][:2] == pytest.approx((0, 1), abs=1e-12)
    assert tests["sign"][0] == ((nonzero > 0).sum() - (nonzero < 0).sum()) / 2
    assert tests["sign"][1] == pytest.approx(
        stats.binomtest(int((nonzero > 0).sum()), len(nonzero)).pvalue
    )
    positive = stats.rankdata(np.abs(nonzero))[nonzero > 0].sum()
    assert tests["signed_rank"][0] == positive - len(nonzero) * (len(nonzero) + 1) / 4
    for test, reference in (
        ("spearman", stats.spearmanr(official_ranks, z1)),
        ("kendall", stats.kendalltau(official_ranks, z1)),
    ):
        assert tests[test][:2] == pytest.approx((reference.statistic, reference.pvalue), rel=1e-9)


def test_more_components_are_weighed_by_their_eigenvalues(shipped):
    largest_gap = shipped.value(
        "select max(abs(composite.score - expected.score)) "
        "from marts.pca_composite_scores as composite join ("
        "  select unit_id, sum(eigenvalue * score) / sum(eigenvalue) as score "
        "  from marts.pca_scores join marts.pca_components using (analysis_code, component) "
        "  where component <= 3 and analysis_code = 'cei_rankings' group by unit_id"
        ") as expected using (unit_id) "
        "where composite.analysis_code = 'cei_rankings' and n_components = 3"
    )
    assert largest_gap < 1e-9


def test_effective_weights_are_shares_of_the_variance(shipped, category_values):
    _, values = category_values
    z = (values - values.min(axis=0)) / np.ptp(values, axis=0)
    parts = z * WEIGHTS
    score = parts.sum(axis=1)
    found = {
        code: tuple(rest)
        for code, *rest in shipped.query(
            "select node_code, weight, share_of_variance, correlation_with_index, "
            "is_against_the_index from marts.effective_weights where index_code = 'cei'"
        )
    }
    for k, category in enumerate(CATEGORIES):
        covariance = np.cov(parts[:, k], score)
        assert found[category][:3] == pytest.approx(
            (WEIGHTS[k], covariance[0, 1] / covariance[1, 1], np.corrcoef(z[:, k], score)[0, 1])
        )
    assert {code for code, row in found.items() if row[3]} == {"enterprise_risk_management"}
    assert found["corporate_experience"][1:3] == (None, None)


def test_unrelated_rankings_pass_the_papers_test(shipped):
    """No signed-rank test of 2,000 pairs of unrelated rankings is close to rejection."""
    p_value, simulations = shipped.query(
        "select p_value, n_simulations from marts.unrelated_rankings "
        "where n_units = 284 and test = 'signed_rank' and probability = 0"
    )[0]
    assert simulations == 2000
    assert p_value > 0.3
    assert shipped.value(
        "select p_value from marts.unrelated_rankings "
        "where n_units = 284 and test = 'spearman' and probability = 0.05"
    ) == pytest.approx(0.05, abs=0.02)


def test_distant_pairs_change_places_less_often(shipped):
    ranks = shipped.query("select official_rank, z1_rank from marts.rank_differences")
    gaps: dict[int, list[bool]] = {}
    for a, b in ranks:
        for c, d in ranks:
            if a < c:
                gaps.setdefault((c - a - 1) // 10, []).append(b > d)
    found = shipped.query(
        "select from_gap, n_pairs, n_reversed from marts.pair_reversals order by from_gap"
    )
    assert found == [
        (10 * gap + 1, len(reversals), sum(reversals)) for gap, reversals in sorted(gaps.items())
    ]
    for rank, others in ((1, 30), (142, 60)):
        assert others == shipped.value(
            f"select n_not_told_apart from marts.rank_differences where official_rank = {rank}"
        )


def test_the_histogram_has_every_city_once(shipped):
    differences = [
        d for (d,) in shipped.query("select rank_difference from marts.rank_differences")
    ]
    found = shipped.query(
        "select bin_centre, from_difference, to_difference, n_units "
        "from marts.rank_difference_histogram"
    )
    assert sum(row[3] for row in found) == 284
    for centre, low, high, n in found:
        assert (low, high) == (centre - 5, centre + 4)
        assert n == sum(low <= d <= high for d in differences)

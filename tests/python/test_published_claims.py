"""Expected numbers are computed by hand from the published values, or with numpy and scipy."""

import csv

import numpy as np
import pandas as pd
import pytest
from conftest import PROJECT, claims_of, rows
from numpy.testing import assert_allclose
from paper_claims import claims as claims_with
from paper_claims import tables, unrelated, verdicts
from scipy import stats

from credit_indices.replication import claim_results
from credit_indices.replication.intervals import Interval
from credit_indices.replication.song_liu_2025.tables_1_and_2 import spread_bounds

CLAIMS = "select {} from marts.published_claims"


@pytest.fixture(scope="module")
def claims():
    return claims_with("song_liu_2025")


@pytest.fixture(scope="module")
def cei():
    return claims_with("lin_gu_2015")


@pytest.fixture(scope="module")
def official():
    columns = ("year", "gdp_per_capita_yuan", "invention_patents_granted")
    return dict(zip(columns, seed("raw/nbs", *columns).T, strict=True))


def seed(name, *columns):
    """Columns of a seed as numbers, one row per record."""
    with open(PROJECT / f"seeds/{name}.csv", encoding="utf-8") as stream:
        records = list(csv.DictReader(stream))
    return np.array([[float(record[column]) for column in columns] for record in records])


def test_every_claim_on_tables_1_and_2_has_its_verdict(claims):
    verdicts = {
        code: verdict
        for code, (*_, verdict, _) in claims.items()
        if code.startswith(("entropy", "table_1", "table_2"))
    }
    assert verdicts == {
        "entropy_formula": "inconsistent",
        "entropy_formula_with_minus": "consistent",
        "table_1_cable_source": "not_checkable",
        "table_1_npl_weight": "inconsistent",
        "table_1_number_of_indicators": "not_checkable",
        "table_1_other_weights": "not_checkable",
        "table_1_weights_of_dimensions": "consistent",
        "table_1_weights_sum": "reproduced",
        "table_2_fin_correlation": "not_checkable",
        "table_2_fin_correlation_stars": "inconsistent",
        "table_2_fin_correlation_stars_of_one_percent": "consistent",
        "table_2_fin_minimum": "consistent",
        "table_2_fin_spread": "consistent",
        "table_2_fr_regions_three": "consistent",
        "table_2_fr_regions_two": "inconsistent",
        "table_2_fr_spread": "consistent",
        "table_2_observations": "reproduced",
        "table_2_pgdp_max": "inconsistent",
        "table_2_pgdp_mean": "inconsistent",
        "table_2_pgdp_min": "inconsistent",
        "table_2_pgdp_sd": "inconsistent",
        "table_2_pgdp_spread": "consistent",
        "table_2_pgdp_variation_2020": "inconsistent",
        "table_2_pgdp_variation_pooled": "reproduced",
        "table_2_scdbi_beijing_shanghai": "not_checkable",
        "table_2_scdbi_mean": "reproduced",
        "table_2_scdbi_of_shares": "consistent",
        "table_2_scdbi_range": "consistent",
        "table_2_scdbi_spread": "consistent",
    }


@pytest.mark.parametrize(
    ("code", "published", "recomputed", "lower", "upper"),
    [
        # 28.6 + 25.3 + 20.5 + 15.2 + 10.4 = 100.0; five roundings of at most 0.05.
        ("table_1_weights_sum", 100, 100.0, 99.75, 100.25),
        ("table_1_weights_of_dimensions", None, 0, -0.25, 0.25),
        # n shares of 1/n: (1 / ln n) n (1/n) ln(1/n) = -ln n / ln n = -1.
        ("entropy_formula", None, -1, None, None),
        ("table_2_observations", 310, 31 * 10, None, None),
        ("table_2_scdbi_mean", 0.0032, 0.00322580645161, 0.00315, 0.00325),
        # 23,400 / 56,800; 23,350 / 56,850; 23,450 / 56,750.
        ("table_2_pgdp_variation_pooled", 0.41, 0.411971831, 0.410729991, 0.413215859),
        # Central: (1.87 x 31 - 1.52 x 11 - 2.13 x 12) / 8 = (57.97 - 16.72 - 25.56) / 8,
        # lower (1.865 x 31 - 1.525 x 11 - 2.135 x 12) / 8 = (57.815 - 16.775 - 25.62) / 8,
        # upper (1.875 x 31 - 1.515 x 11 - 2.125 x 12) / 8 = (58.125 - 16.665 - 25.5) / 8.
        ("table_2_fr_regions_three", None, 1.96125, 1.9275, 1.995),
        # (1.52 x 11 + 2.13 x 20) / 31 = 59.32 / 31, give or take 0.005.
        ("table_2_fr_regions_two", 1.87, 1.9135483871, 1.9085483871, 1.9185483871),
        # With the mean at 1.875: maximum sqrt(310/309 x (3.545 - 1.875)(1.875 - 0.915)) =
        # sqrt(1.0032362 x 1.67 x 0.96). Minimum: the ends at 0.95 and 1.66, the other 308 at a
        # distance of 0.71 / 308: (0.9025 + 2.7556 + 0.71^2 / 308) / 309 = 0.01184381.
        ("table_2_fr_spread", 0.65, None, 0.1088293, 1.2682225),
        # With the mean at 0.00325: sqrt(310/309 x 0.0134 x 0.0030); (0.0029^2 + 0.0133^2 +
        # 0.0104^2 / 308) / 309 = 6.00813e-7.
        ("table_2_scdbi_spread", 0.0026, None, 7.75121e-4, 6.350598e-3),
        ("table_2_pgdp_spread", 23_400, None, 6_218.830, 66_857.75),
        ("table_2_fin_spread", 0.85, None, 0.3143181, 3.348458),
        # 3.40 may be as low as 8.475 - 0.855 x 309 / sqrt(310) = 8.475 - 15.005268 and no higher
        # than 8.485 - 0.845 / sqrt(310) = 8.485 - 0.047993.
        ("table_2_fin_minimum", 3.4, None, -6.530268, 8.437007),
        # t = r sqrt(308 / (1 - r^2)): 0.68 sqrt(308 / 0.5376), 0.675 sqrt(308 / 0.544375),
        # 0.685 sqrt(308 / 0.530775).
        ("table_2_fin_correlation_stars", None, 16.276261, 16.055730, 16.501017),
        ("table_2_fin_correlation", 0.68, None, None, None),
        ("table_1_number_of_indicators", 23, None, None, None),
    ],
)
def test_numbers_from_published_values(claims, code, published, recomputed, lower, upper):
    assert claims[code][:4] == [
        pytest.approx(number, rel=1e-6, abs=1e-12) if number is not None else None
        for number in (published, recomputed, lower, upper)
    ]


@pytest.mark.parametrize(
    ("code", "mean", "minimum", "maximum", "half"),
    [
        ("table_2_fr_spread", 1.87, 0.92, 3.54, 0.005),
        ("table_2_scdbi_spread", 0.0032, 0.0003, 0.0166, 0.00005),
        ("table_2_pgdp_spread", 56_800, 12_300, 156_700, 50),
        ("table_2_fin_spread", 8.48, 3.40, 10.67, 0.005),
    ],
)
def test_bounds_of_a_spread_are_those_of_a_grid(claims, code, mean, minimum, maximum, half):
    grid = np.meshgrid(*(np.linspace(x - half, x + half, 41) for x in (mean, minimum, maximum)))
    m, a, b = (values.ravel() for values in grid)
    # One value at each end, the other 308 at one point; then all at the ends, in any proportion.
    others = (310 * m - a - b) / 308
    assert ((a <= others) & (others <= b)).all()
    least = np.sqrt(((a - m) ** 2 + (b - m) ** 2 + 308 * (others - m) ** 2) / 309)
    most = np.sqrt((b - m) * (m - a) * 310 / 309)
    assert claims[code][2:4] == pytest.approx([least.min(), most.max()], rel=1e-9)


def test_no_sample_exceeds_the_bounds_of_its_spread():
    generator = np.random.default_rng(7)
    for n in (3, 4, 10, 310):
        for shape in (0.01, 0.1, 1, 10):
            x = generator.beta(shape, 1, n)
            ends = (Interval(value, value, value) for value in (x.mean(), x.min(), x.max()))
            least, most = spread_bounds(*ends, n)
            assert least - 1e-12 <= x.std(ddof=1) <= most + 1e-12


def test_gdp_per_capita_is_compared_with_the_official_figures(claims, official):
    gdp = official["gdp_per_capita_yuan"]
    printed = {"mean": 56_800, "sd": 23_400, "min": 12_300, "max": 156_700}
    statistics = {"mean": gdp.mean(), "sd": gdp.std(ddof=1), "min": gdp.min(), "max": gdp.max()}
    for statistic, number in printed.items():
        expected = [number, statistics[statistic], number - 50, number + 50]
        assert claims[f"table_2_pgdp_{statistic}"][:4] == pytest.approx(expected)
    in_2020 = gdp[official["year"] == 2020]
    expected = [0.41, in_2020.std(ddof=1) / in_2020.mean(), 0.405, 0.415]
    assert claims["table_2_pgdp_variation_2020"][:4] == pytest.approx(expected)


def test_npl_ratio_cannot_have_its_published_weight(claims, official):
    patents = official["invention_patents_granted"]
    shares = (patents - patents.min()) / (patents - patents.min()).sum()
    shares = shares[shares > 0]
    divergence = 1 + (shares * np.log(shares)).sum() / np.log(310)
    # cv = 0.65 / (3.54 - 1.87) = 0.389222, squared 0.151493; ln 1.151493 = 0.141060, over
    # ln 310 = 5.736572: 0.024590. Lower cv 0.645 / 1.68, upper cv 0.655 / 1.66.
    bounds = [np.log1p(cv**2) / np.log(310) for cv in (0.389222, 0.645 / 1.68, 0.655 / 1.66)]
    assert bounds[0] == pytest.approx(0.024590, abs=1e-6)
    expected = [100 * bound / (bound + divergence) for bound in bounds]
    assert claims["table_1_npl_weight"][:4] == pytest.approx([20.5, *expected], rel=1e-5)


def test_the_bound_of_a_divergence_holds_for_any_distribution():
    # Uneven, even and two-point values between 0 and 1: d <= ln(1 + cv^2) / ln n.
    generator = np.random.default_rng(1)
    samples = [generator.beta(a, b, 310) for a in (0.1, 1, 5) for b in (0.1, 1, 5)]
    for z in [*samples, np.repeat([0.0, 1.0], [300, 10])]:
        shares = z[z > 0] / z.sum()
        divergence = 1 + (shares * np.log(shares)).sum() / np.log(310)
        assert divergence <= np.log1p((z.std() / z.mean()) ** 2) / np.log(310) + 1e-12


@pytest.mark.parametrize(
    ("code", "phrases"),
    [
        # 0.013204 = 0.151493 / (2 ln 310); 0.0252 / 0.2045 = 0.1234, less 0.0252 is 0.0981.
        ("table_1_npl_weight", ["= 0.389.", "= 0.013,", "= 0.025,", "0.123", "the 0.098 that"]),
        # Five indicators: 1 / (1 + 2 x 4) = 11.1 %.
        ("entropy_formula", ["it is -1 for these", "would be 2 ", "below 11.1 %", "has 10.4 %"]),
        # (1.87 x 31 - 1.52 x 11) / 20 = 41.25 / 20 = 2.0625.
        # (1.87 x 31 - 1.52 x 10 - 2.13 x 12) / 9 = 17.21 / 9.
        ("table_2_fr_regions_three", ["with 10 eastern, 12 western, 6 central", "1.91 %"]),
        ("table_2_fr_regions_two", ["11 provinces at 1.52 % and 20 at 2.13 %", "2.06 %"]),
        ("table_2_scdbi_of_shares", ["at least 0.0435"]),
        ("table_2_pgdp_min", ["Guizhou in 2011", "33.4 %"]),
        ("table_2_pgdp_max", ["Beijing in 2020", "5.2 %"]),
        # (8.48 - 3.40) / 0.85 = 5.976; 309 / sqrt(310) = 17.55; exp(5.08) = 160.8;
        # 5.08^2 / (309 x 0.7225) = 25.8064 / 223.2525 = 11.56 %.
        ("table_2_fin_minimum", ["5.98 standard", "= 17.6 away", "1/161 of", "11.6 % of"]),
        # 0.68 sqrt(29 / 0.5376) = 4.994.
        ("table_2_fin_correlation_stars", ["t would be 5.0"]),
    ],
)
def test_explanations_contain_their_values(claims, code, phrases):
    explanation = claims[code][5]
    assert [phrase for phrase in phrases if phrase not in explanation] == []


def test_no_placeholder_is_left_in_an_explanation(claims, cei):
    texts = {**claims, **cei}
    assert [code for code, (*_, text) in texts.items() if {*"{}?"} & {*text}] == []


def test_the_mart_has_the_claims_of_the_seeds(shipped, claims, cei):
    def numbers(row):
        return np.array(row[:4], dtype=float)

    for paper, expected in {"song_liu_2025": claims, "lin_gu_2015": cei}.items():
        found = claims_of(shipped, paper)
        assert found.keys() == expected.keys()
        for code, row in found.items():
            assert_allclose(numbers(row), numbers(expected[code]), rtol=1e-11, atol=1e-15)
            assert row[4:] == expected[code][4:]


def test_an_unknown_claim_of_the_seeds_stops():
    unknown = tables(
        "update song_liu_2025_claims set claim_code = 'song_liu_2025_x' where claim_number = 1"
    )
    with pytest.raises(ValueError, match="checks of song_liu_2025_abstract_significance: expected"):
        claim_results(unknown)
    no_word = tables(
        "update lin_gu_2015_claims set verdict_if_it_holds = 'yes' where claim_number = 3"
    )
    with pytest.raises(ValueError, match="verdict_if_it_holds is 'yes'"):
        claim_results(no_word)


@pytest.mark.marts("published_claims")
def test_a_users_own_data_do_not_change_the_claims(build, shipped, small):
    small.tables["pca_analyses"] = rows("""
        analysis_code,title,matrix
        mine,Of two indicators,correlation
    """)
    small.tables["pca_variables"] = rows("""
        analysis_code,variable,source_kind,source_code
        mine,LCH,indicator,cable
        mine,ETP,indicator,patents
    """)
    own = build(small, claims=True)
    assert own.succeeded, own.message
    everything = CLAIMS.format("*") + " order by claim_code"
    assert own.query(everything) == shipped.query(everything)


# Lin & Gu (2015)

VARIABLES = ["LCH", "ETP", "SYS", "GOV", "DIS", "EDU"]


@pytest.fixture(scope="module")
def matrix():
    """Table 2."""
    return seed("published/lin_gu_2015_table_2", *VARIABLES)


@pytest.fixture(scope="module")
def eigenvalues():
    """Table 3."""
    return seed("published/lin_gu_2015_table_3", "eigenvalue")[:, 0]


@pytest.fixture(scope="module")
def vectors():
    """Table 4, a column per component."""
    return seed("published/lin_gu_2015_table_4", "y1", "y2", "y3", "y4", "y5", "y6")


@pytest.fixture(scope="module")
def weights():
    """Section IV, in the order of Table 2, corporate experience left out."""
    return seed("published/lin_gu_2015_weights", "weight")[:6, 0]


def test_every_claim_of_lin_and_gu_has_its_verdict(cei):
    verdicts = {code: verdict for code, (*_, verdict, _) in cei.items()}
    assert verdicts == {
        "acceptance_is_consistency": "inconsistent",
        "acceptance_is_equal_location": "consistent",
        "accepted_by_sign": "consistent",
        "accepted_by_signed_rank": "consistent",
        "band_of_30": "consistent",
        "categorical_for_each_index": "inconsistent",
        "cei_scores_from_30": "consistent",
        "classes_more_concrete": "not_checkable",
        "collection_standardised": "not_checkable",
        "components_at_least_15": "consistent",
        "components_at_most_variables": "reproduced",
        "comprehensive_strength": "consistent",
        "computed_annually": "consistent",
        "convincing_tool": "not_checkable",
        "data_sources": "not_checkable",
        "dependent_variable_z1": "consistent",
        "differences_fitted_centre": "not_checkable",
        "differences_gaussian": "inconsistent",
        "differences_median": "consistent",
        "differences_sd": "not_checkable",
        "differences_within_50": "consistent",
        "edition": "not_checkable",
        "edition_fiscal_year": "consistent",
        "edition_last_year": "consistent",
        "entire_system": "consistent",
        "eq_5_coefficients": "reproduced",
        "eq_5_unstandardised": "inconsistent",
        "equations_for_all_indices": "not_checkable",
        "fastest_growing": "consistent",
        "features_reflected": "not_checkable",
        "first_class_indices": "inconsistent",
        "first_component_share": "reproduced",
        "first_releases": "consistent",
        "first_twice_second": "consistent",
        "four_components_share": "reproduced",
        "government_attention": "not_checkable",
        "independent_of_data": "inconsistent",
        "independent_of_weights": "consistent",
        "influence_by_y1": "not_checkable",
        "influence_on_policy": "not_checkable",
        "introduced_in_2010": "consistent",
        "just_over_one_decade": "consistent",
        "largest_eigenvalue": "reproduced",
        "more_cities_above_zero": "consistent",
        "most_influential_in_cei": "inconsistent",
        "most_influential_in_y1": "reproduced",
        "number_of_cities": "inconsistent",
        "number_of_cities_prefecture_level": "not_checkable",
        "official_cei_overestimates": "inconsistent",
        "official_cei_overestimates_ascending": "consistent",
        "only_feasible_solution": "not_checkable",
        "paired_test_of_means": "consistent",
        "pca_sensitive_to_scale": "consistent",
        "policy_guideline": "not_checkable",
        "prediction_by_regression": "not_checkable",
        "questionnaire_categories": "not_checkable",
        "remaining_components": "not_checkable",
        "same_features": "consistent",
        "score_direction": "consistent",
        "score_of_at_least_30": "consistent",
        "score_of_at_most_100": "consistent",
        "scores_comparable": "not_checkable",
        "second_component_share": "inconsistent",
        "second_component_share_truncated": "reproduced",
        "signed_rank_of_mean_ranks": "consistent",
        "signed_rank_without_independence": "inconsistent",
        "signed_rank_without_independence_of_sets": "consistent",
        "signed_rank_without_normality": "reproduced",
        "six_categories": "reproduced",
        "social_credit_system_scale": "not_checkable",
        "social_credit_system_start": "consistent",
        "strong_conclusion": "not_checkable",
        "table_2_covariance": "consistent",
        "table_3_caption": "reproduced",
        "table_3_cumulative": "reproduced",
        "table_3_differences": "reproduced",
        "table_3_eigenvalue_1": "reproduced",
        "table_3_eigenvalue_2": "reproduced",
        "table_3_eigenvalue_3": "reproduced",
        "table_3_eigenvalue_4": "reproduced",
        "table_3_eigenvalue_5": "reproduced",
        "table_3_eigenvalue_6": "reproduced",
        "table_3_eigenvalues_sum": "reproduced",
        "table_3_proportions": "reproduced",
        "table_4_loadings": "reproduced",
        "table_4_orthogonal": "reproduced",
        "table_4_residuals": "reproduced",
        "table_4_uncorrelated": "reproduced",
        "table_4_unit_length": "reproduced",
        "table_5_sign": "reproduced",
        "table_5_signed_rank": "consistent",
        "table_5_student_t": "reproduced",
        "telling_and_explanatory": "not_checkable",
        "tests_compare_rankings": "consistent",
        "tests_compare_scores": "not_checkable",
        "third_class_indices": "consistent",
        "three_classes": "reproduced",
        "top_four": "not_checkable",
        "unprecedented_example": "not_checkable",
        "weights_ahp": "not_checkable",
        "weights_of_six": "consistent",
        "weights_reasonable": "inconsistent",
        "weights_reasonable_by_agreement": "consistent",
        "weights_subjective": "not_checkable",
        "weights_sum": "reproduced",
    }


@pytest.mark.parametrize(
    ("code", "published", "recomputed", "lower", "upper"),
    [
        ("first_class_indices", 6, 7, None, None),
        ("third_class_indices", None, 31, None, None),
        ("number_of_cities", 248, 284, None, None),
        # 284 - 36.
        ("number_of_cities_prefecture_level", 248, 248, None, None),
        ("introduced_in_2010", 2010, 2010, None, None),
        ("first_releases", 2011, 2011, None, None),
        ("computed_annually", None, 2012 - 2011, None, None),
        ("just_over_one_decade", 10, 2012 - 1999, None, None),
        ("social_credit_system_start", 2000, 1999, None, None),
        ("fastest_growing", None, 11.2, None, None),
        ("three_classes", 3, 3, None, None),
        ("entire_system", None, 7, None, None),
        # Rows 23 to 27 of Table 1.
        ("equations_for_all_indices", None, 5, None, None),
        ("independent_of_data", None, 6, None, None),
        ("dependent_variable_z1", None, 0, None, None),
        ("six_categories", 6, 6, None, None),
        ("components_at_most_variables", 6, 6, None, None),
        ("same_features", None, 6, None, None),
        ("categorical_for_each_index", None, 6, None, None),
        # 285 / 2.
        ("paired_test_of_means", None, 142.5, None, None),
        ("signed_rank_of_mean_ranks", None, 142.5, None, None),
        ("acceptance_is_equal_location", None, 142.5, None, None),
        ("cei_scores_from_30", 30, None, None, None),
        # .304075 + .141675 + .068975 + .1253 + .1853 + .082475 + .0922 = 1; four weights are
        # rounded to 1e-6, three to 1e-4: 4 x 5e-7 + 3 x 5e-5 = 0.000152.
        ("weights_sum", 1, 1, 0.999848, 1.000152),
        # 1 - .0922, with 4 x 5e-7 + 2 x 5e-5 = 0.000102.
        ("weights_of_six", None, 0.9078, 0.907698, 0.907902),
        # 100 x 2.05339008 / 6, 100 x 1.19043649 / 6, and the first four: 491.920386 / 6.
        ("first_component_share", 34, 34.223168, 34.22316792, 34.22316808),
        ("second_component_share", 19, 19.84060817, 19.84060808, 19.84060825),
        ("four_components_share", 82, 81.986731, 81.98673067, 81.98673133),
        ("second_component_share_truncated", 19, 19.84060817, 19.84060808, 19.84060825),
        ("largest_eigenvalue", 2.0534, 2.05339008, 2.053390075, 2.053390085),
        ("strong_conclusion", 82, None, None, None),
        ("first_twice_second", 2, 1.724905191, 1.72490518, 1.724905202),
        # 34.2, 19.8 and 15.5 % are at least 15 %, 34.2 % alone at least 20 %.
        ("components_at_least_15", 1, 3, 1, 3),
        # .1253 + .082475, rounded to 5e-5 and 5e-7.
        ("most_influential_in_cei", None, 0.207775, 0.2077245, 0.2078255),
        # Sizes of the coefficients: .244189 + .210139 + .496945 + .526149 + .310926 + .525120 =
        # 2.313468; sqrt(3 x 283 / 285) = 1.7259627; 11 x 2.313468 x 1.7259627 = 43.9225552.
        # 11 x sqrt(2.05339008) / sqrt(284) = 0.9353394.
        ("score_of_at_least_30", 30, None, 17.0774448, 60.0646606),
        ("score_of_at_most_100", 100, None, 61.9353394, 104.9225552),
        # 61 - 11 x (2.313468 - 2 x .210139) x 142.5.
        ("eq_5_unstandardised", 30, -2906.575325, None, None),
        ("table_5_student_t", 0, 0, None, None),
        # (280 + 2 x 17) / 2 = 157, (280 - 2 x 17) / 2 = 123.
        ("more_cities_above_zero", None, 157 - 123, None, None),
        ("official_cei_overestimates", None, 123 - 157, None, None),
        ("official_cei_overestimates_ascending", None, 157 - 123, None, None),
        ("differences_median", None, 157, None, None),
        ("differences_fitted_centre", 20, None, None, None),
        ("differences_sd", 30, None, None, None),
        # 1 - 35^2 / 50^2.
        ("differences_within_50", None, None, 51, 100),
    ],
)
def test_numbers_from_values_of_lin_and_gu(cei, code, published, recomputed, lower, upper):
    assert cei[code][:4] == [
        pytest.approx(number, rel=1e-8, abs=1e-9) if number is not None else None
        for number in (published, recomputed, lower, upper)
    ]


def test_eigenvalues_of_table_2_are_those_of_table_3(cei, matrix, eigenvalues):
    anew = np.linalg.eigvalsh(matrix)[::-1]
    for component, (printed, value) in enumerate(zip(eigenvalues, anew, strict=True), 1):
        expected = [printed, value, value - 5 * 0.00005, value + 5 * 0.00005]
        assert cei[f"table_3_eigenvalue_{component}"][:4] == pytest.approx(expected)
    assert cei["table_3_caption"][1] == pytest.approx(abs(anew - eigenvalues).max())
    # 5 x 0.00005 and half of 1e-8.
    assert cei["table_3_caption"][3] == pytest.approx(0.000250005)
    assert cei["table_3_eigenvalues_sum"][1:4] == pytest.approx(
        [5.99999999, 5.99999996, 6.00000002]
    )


def test_no_rounding_moves_an_eigenvalue_further_than_the_bound(matrix):
    generator = np.random.default_rng(1)
    for _ in range(200):
        errors = np.triu(generator.choice([-1, 1], matrix.shape) * 0.00005, 1)
        moved = np.linalg.eigvalsh(matrix + errors + errors.T) - np.linalg.eigvalsh(matrix)
        assert abs(moved).max() <= 5 * 0.00005


def test_eigenvectors_of_table_2_are_those_of_table_4(cei, matrix, eigenvalues, vectors):
    anew = np.linalg.eigh(matrix)[1][:, ::-1]
    anew *= np.sign((anew * vectors).sum(axis=0))
    products = np.triu(vectors.T @ vectors, 1)
    for code, deviations in {
        "table_4_loadings": anew - vectors,
        "table_4_residuals": matrix @ vectors - vectors * eigenvalues,
        "table_4_orthogonal": products,
        "table_4_uncorrelated": np.triu(vectors.T @ matrix @ vectors, 1),
        "table_4_unit_length": (vectors**2).sum(axis=0) - 1,
    }.items():
        _, recomputed, lower, upper = cei[code][:4]
        assert (recomputed, lower) == (pytest.approx(abs(deviations).max(), abs=1e-12), 0)
        assert recomputed < upper
    in_y1 = abs(anew - vectors)[:, 0].max()
    assert cei["independent_of_weights"][1] == pytest.approx(in_y1, abs=1e-12)
    # 2 x 5e-7 times the largest sum of sizes, that of Y1: 2.313468 (and 6 x 25e-14).
    assert cei["table_4_unit_length"][3] == pytest.approx(2.313468e-6, rel=1e-5)


def test_no_rounding_correlates_components_more_than_the_bound(cei, matrix):
    generator = np.random.default_rng(2)
    for _ in range(200):
        errors = np.triu(generator.choice([-1, 1], matrix.shape) * 0.00005, 1)
        exact = np.linalg.eigh(matrix + errors + errors.T)[1].round(6)
        covariance = np.triu(exact.T @ matrix @ exact, 1)
        assert abs(covariance).max() <= cei["table_4_uncorrelated"][3]


def test_columns_of_table_3_follow_from_its_eigenvalues(cei, eigenvalues):
    printed = {
        "differences": -np.diff(eigenvalues),
        "proportions": eigenvalues / 6,
        "cumulative": np.cumsum(eigenvalues) / 6,
    }
    with open(PROJECT / "seeds/published/lin_gu_2015_table_3.csv", encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    for code, values in printed.items():
        column = [float(row[code.removesuffix("s")] or "nan") for row in table][: len(values)]
        deviation = abs(values - column).max()
        assert cei[f"table_3_{code}"][1] == pytest.approx(deviation, abs=1e-12)


@pytest.fixture(scope="module")
def rankings(matrix):
    """Standardised rankings of 284 cities, normal, with exactly the correlations of Table 2."""
    sample = np.random.default_rng(284).standard_normal((284, 6))
    sample -= sample.mean(axis=0)
    white = sample @ np.linalg.inv(np.linalg.cholesky(np.cov(sample.T))).T
    return white @ np.linalg.cholesky(matrix).T


def test_the_weights_of_the_cei_are_compared_with_z1(cei, rankings, vectors, weights):
    z1 = vectors[:, 0]
    assert cei["weights_reasonable"][1] == pytest.approx(stats.spearmanr(weights, z1).statistic)
    assert vectors[:, 0].argsort()[1] == weights.argmax() == 0  # second smallest, largest: LCH

    official, equal = (
        np.corrcoef(rankings @ z1, rankings @ other)[0, 1] for other in (weights, np.ones(6))
    )
    assert (official, equal) == (pytest.approx(0.709, abs=5e-4), pytest.approx(0.861, abs=5e-4))
    _, recomputed, *_, explanation = cei["weights_reasonable_by_agreement"]
    assert recomputed == pytest.approx(official)
    assert f"correlates {official:.2f} with" in explanation
    assert f"weighed equally it correlates {equal:.2f}." in explanation
    assert cei["comprehensive_strength"][1] == pytest.approx(equal)
    by_category = [np.corrcoef(rankings @ weights, category)[0, 1] for category in rankings.T]
    explanation = cei["most_influential_in_cei"][5]
    for variable, number in zip(VARIABLES, by_category, strict=True):
        assert f"{number:.2f} with {variable}" in explanation


def test_a_score_is_higher_where_places_are_better(cei, rankings, vectors, weights):
    score, places = -11 * rankings @ vectors[:, 0] + 61, -rankings
    official, equal = (np.corrcoef(score, places @ other)[0, 1] for other in (weights, np.ones(6)))
    _, recomputed, *_, explanation = cei["score_direction"]
    assert recomputed == pytest.approx(official)
    assert f"{official:.2f} with good places weighed as in the CEI, and {equal:.2f}" in explanation
    # .244189 - .210139 + .496945 + .526149 + .310926 + .525120; -11 x -.210139.
    assert "sum to 1.893," in explanation and "with +2.31" in explanation
    better = -11 * (rankings - 0.1) @ vectors[:, 0] + 61
    assert (better > score).all()
    # 11 x sqrt(2.05339008) = 15.76.
    assert score.std(ddof=1) == pytest.approx(15.76, abs=0.01)
    assert "mean of 61 and a standard deviation of 15.8" in cei["scores_comparable"][5]


def test_components_depend_on_the_scale_of_a_variable(cei, rankings):
    values, vectors = np.linalg.eigh(np.cov((rankings * [2, 1, 1, 1, 1, 1]).T))
    share = 100 * values[-1] / values.sum()
    assert cei["pca_sensitive_to_scale"][1] == pytest.approx(share)
    assert f"coefficient, {abs(vectors[0, -1]):.2f}." in cei["pca_sensitive_to_scale"][5]


def test_two_components_explain_most_of_etp_and_lch(cei, rankings, vectors):
    scores = rankings @ vectors[:, :2]
    explained = {
        variable: sum(np.corrcoef(category, score)[0, 1] ** 2 for score in scores.T)
        for variable, category in zip(VARIABLES, rankings.T, strict=True)
    }
    assert sorted(explained, key=explained.get, reverse=True)[:4] == ["ETP", "LCH", "EDU", "GOV"]
    assert (
        "({ETP:.2f}) and credit launch ({LCH:.2f}) come first, before {EDU:.2f} of EDU and "
        "{GOV:.2f} of GOV"
    ).format(**explained) in cei["influence_by_y1"][5]
    assert abs(vectors[:, 1]).argsort()[::-1][:2].tolist() == [1, 0]


def test_nine_months_of_the_edition_are_in_the_year_before(cei):
    months = pd.period_range("2011-04", "2012-03", freq="M")
    assert len(months) == 12
    assert cei["edition_last_year"][1] == (months.year == 2011).sum()
    between = pd.period_range(months[-1] + 1, "2012-06", freq="M")
    assert cei["edition_fiscal_year"][:2] == [None, len(between)]


def test_sign_test_determines_the_number_of_differences(cei):
    p_values = {n: stats.binomtest(n // 2 + 17, n).pvalue for n in range(34, 285, 2)}
    assert [n for n, p_value in p_values.items() if round(p_value, 4) == 0.0484] == [280]
    assert cei["table_5_sign"][:4] == pytest.approx([0.0484, p_values[280], 0.04835, 0.04845])
    assert "280 differences" in cei["table_5_sign"][5]
    assert "157 have a positive difference, 123 a negative one and 4 none" in cei["table_5_sign"][5]


def test_the_signed_rank_test_takes_a_correction_for_ties(cei):
    def p_value(correction):
        variance = 280 * 281 * 561 / 24 - correction
        t = 1699 * np.sqrt(279 / (280 * variance - 1699**2))
        return 2 * stats.t.sf(t, 279)

    assert cei["table_5_signed_rank"][1] == pytest.approx(p_value(0))
    (of_280,) = (
        row for row in tables()["published_location_tests"].to_pylist() if row["n_nonzero"] == 280
    )
    corrections = of_280["tie_correction_low"], of_280["tie_correction_high"]
    assert corrections == (pytest.approx(69, abs=0.5), pytest.approx(872, abs=0.5))
    assert [p_value(end) for end in corrections] == pytest.approx([0.21085, 0.21075], abs=1e-9)
    # k sizes with 280 / k each: k ((280 / k)^3 - 280 / k) / 48 is 872 at 22.8 and 69 at 78.2.
    assert "over 23 to 78 sizes" in cei["table_5_signed_rank"][5]


def test_exact_signed_rank_test_has_the_published_p_value(cei):
    # 280 sizes without ties whose positive ranks sum to 280 x 281 / 4 + 1699.
    differences, left = -np.arange(1.0, 281), 280 * 281 // 4 + 1699
    for place in range(279, -1, -1):
        if place + 1 <= left:
            differences[place] *= -1
            left -= place + 1
    exact = stats.wilcoxon(differences, method="exact").pvalue
    for code in ("signed_rank_without_normality", "signed_rank_without_independence_of_sets"):
        assert cei[code][:2] == pytest.approx([0.2108, exact])
    assert f"p-value of {exact:.4f} as well" in cei["table_5_signed_rank"][5]


def test_complete_rankings_have_mean_difference_zero():
    generator = np.random.default_rng(1)
    for _ in range(20):
        difference = generator.permutation(284) - generator.permutation(284)
        assert difference.sum() == 0


def test_tests_of_location_accept_unrelated_rankings(cei):
    # Simulated here by scipy, without its correction for continuity, normal instead of t.
    generator = np.random.default_rng(7)
    p_values = [
        stats.wilcoxon(generator.permutation(284) - np.arange(284), method="asymptotic").pvalue
        for _ in range(400)
    ]
    assert cei["acceptance_is_consistency"][1] == pytest.approx(np.median(p_values), abs=0.02)
    assert min(p_values) > 0.2108
    simulated = max(
        abs(row["statistic"]) for row in unrelated().to_pylist() if row["test"] == "signed_rank"
    )
    assert f"beyond {simulated:.0f} in size" in cei["accepted_by_signed_rank"][5]
    assert simulated < 1699
    none = stats.binomtest(0, 2_000, alternative="less").proportion_ci(0.95).high
    for code in ("accepted_by_signed_rank", "acceptance_is_consistency"):
        assert f"probability below {none:.4f}" in cei[code][5]
    assert cei["signed_rank_without_independence"][1] == pytest.approx(
        np.quantile(p_values, 0.05), abs=0.03
    )


def test_an_m_of_17_is_rare_among_unrelated_rankings(cei):
    generator = np.random.default_rng(8)
    found = 0
    for _ in range(5):
        rankings = generator.permuted(np.tile(np.arange(284), (10_000, 1)), axis=1)
        above, below = (
            (rankings > np.arange(284)).sum(axis=1),
            (rankings < np.arange(284)).sum(axis=1),
        )
        found += (abs(above - below) >= 34).sum()
    assert found / 50_000 == pytest.approx(0.00055, abs=4 * np.sqrt(0.00055 / 50_000))
    assert "probability of 0.00055." in cei["accepted_by_sign"][5]


def test_a_gaussian_off_by_20_would_have_more_cities_above_zero(cei):
    expected = [157, 284 * stats.norm.cdf(15 / 35), 284 * stats.norm.cdf(25 / 25)]
    assert cei["differences_gaussian"][1:4] == pytest.approx(expected, abs=1e-4)
    assert f"{284 * stats.norm.cdf(20 / 30):.0f} of 284" in cei["differences_gaussian"][5]
    # 30 x normal quantile of 157 / 284 = 30 x 0.1328.
    assert "a centre of about 4." in cei["differences_gaussian"][5]


def test_ranks_within_30_are_reversed_more_often(cei):
    expected = [stats.norm.cdf(-30 / (sd * np.sqrt(2))) for sd in (30, 25, 35)]
    assert cei["band_of_30"][1:4] == pytest.approx(expected)
    one, other = 30 * np.random.default_rng(9).standard_normal((2, 200_000))
    near, middle, far = (((one - other) > apart).mean() for apart in (10, 30, 60))
    assert middle == pytest.approx(expected[0], abs=0.005)
    assert f"probability of {middle:.2f}, {near:.2f} if they are 10 apart" in cei["band_of_30"][5]
    assert f"{far:.2f} if they are 60 apart" in cei["band_of_30"][5]


@pytest.mark.parametrize(
    ("code", "phrases"),
    [
        ("number_of_cities", ["has 284", "covered 284", "fit 280"]),
        (
            "number_of_cities_prefecture_level",
            ["without the 36 large ones", "CEI-2017", "249 are left"],
        ),
        ("computed_annually", ["2011 and 2012"]),
        ("introduced_in_2010", ["CEI-2010", "28 November 2019"]),
        ("social_credit_system_start", ["in 1999", "21 July 2000"]),
        ("just_over_one_decade", ["in 1999", "13 years"]),
        ("fastest_growing", ["by 11.2 %", "by 8.0 %", "by 2.4 %", "1 March 2000"]),
        ("edition_fiscal_year", ["3 months lie", "in January", "9 of them", "22 March 1994"]),
        ("three_classes", ["7 indices of the first class, 16 of the second and 31 of"]),
        ("equations_for_all_indices", ["5 of the 31"]),
        ("cei_scores_from_30", ["60 to 100", "0 to 100"]),
        # 1 - .0922.
        ("independent_of_data", ["All 6 variables", "0.9078 of the weight"]),
        ("comprehensive_strength", ["0.86", "5 of its 6"]),
        ("telling_and_explanatory", ["34.22 %", "16.67 %"]),
        ("tests_compare_scores", ["4 cities"]),
        # .304075 / .9078, .0922 being left out.
        ("weights_of_six", ["credit launch 0.3350", "credit education 0.0909"]),
        (
            "components_at_least_15",
            [
                "20 % keeps 1, as the second accounts for 19.84 %",
                "15 % keeps 3, as the third accounts for 15.55 %",
                "2 with an eigenvalue",
                "4 to reach 80 %",
            ],
        ),
        ("accepted_by_sign", ["0.0484 is below 0.05 and above 0.01: 157 of 280"]),
        ("strong_conclusion", ["34.22 %", "66.7 %"]),
        ("most_influential_in_cei", ["4th and 6th of seven", "have 0.4894"]),
        # (61 - 30) / 11, over sqrt(2.05339008) = 1.4329655; 61 - 11 x 1.89319 x 142.5.
        ("score_of_at_least_30", ["2.818", "1.97 standard", "within 3.99", "17.1"]),
        ("eq_5_unstandardised", ["mean 142.5", "be -2907", "it is 61"]),
        # (100 - 61) / 11 = 3.545.
        ("score_of_at_most_100", ["-3.545", "2.47 standard", "104.9"]),
        # 284 x 285 / 2.
        ("table_5_student_t", ["sums to 40470"]),
        # 1 - 6 x 900 / (284^2 - 1); sqrt((284^2 - 1) (1 - .70905) / 6); sqrt((284^2 - 1) / 6).
        ("differences_sd", ["0.93", "0.71", "about 63", "unrelated ones 116"]),
    ],
)
def test_explanations_contain_values_of_lin_and_gu(cei, code, phrases):
    explanation = cei[code][5]
    assert [phrase for phrase in phrases if phrase not in explanation] == []


REWRITTEN = {
    "other figures": (
        [
            ("weights", "weight = 0.32", "variable = 'GOV'"),
            ("weights", "weight = 0.31", "variable = 'EDU'"),
            ("table_2", "LCH = 0.99", "variable = 'LCH'"),
            ("table_3", "eigenvalue = 2.0537", "component = 1"),
            ("table_3", "proportion = 0.1985", "component = 2"),
            ("table_3", "cumulative = 0.6963", "component = 3"),
            ("table_4", "y6 = 0.721455", "variable = 'EDU'"),
            ("table_5", "statistic = -17", "symbol = 'M'"),
            ("table_5", "p_value = 0.2112", "symbol = 'S'"),
            ("equations", "coefficient = 30", "equation = '2' and term = 'constant'"),
            ("equations", "coefficient = 0.3", "equation = '5' and term = 'ETP'"),
            ("claims", "stated = 284", "claim_code = 'lin_gu_2015_number_of_cities'"),
            ("claims", "stated = 20", "claim_code = 'lin_gu_2015_second_component_share'"),
            ("claims", "stated = 4", "claim_code = 'lin_gu_2015_differences_fitted_centre'"),
            ("claims", "stated = 40", "claim_code = 'lin_gu_2015_components_at_least_15'"),
            ("claims", "stated = 0.05", "claim_code = 'lin_gu_2015_accepted_by_sign'"),
            (
                "claims",
                "stated = 18",
                "claim_code = 'lin_gu_2015_second_component_share_truncated'",
            ),
            ("claims", "stated = 9", "claim_code = 'lin_gu_2015_edition_fiscal_year'"),
            ("table_1", "first_class_code = 'dishonesty'", "row_number = 31"),
            ("external", "value = 2012", "unit = 'year'"),
            ("external", "value = 12", "source_code = 'second_growth'"),
            ("external", "value = 40", "source_code = 'large_cities'"),
        ],
        {
            "accepted_by_sign": "inconsistent",
            "categorical_for_each_index": "consistent",
            "components_at_least_15": "inconsistent",
            "computed_annually": "inconsistent",
            "dependent_variable_z1": "inconsistent",
            "differences_median": "inconsistent",
            "edition_fiscal_year": "inconsistent",
            "edition_last_year": "inconsistent",
            "entire_system": "inconsistent",
            "eq_5_coefficients": "inconsistent",
            "fastest_growing": "inconsistent",
            "first_class_indices": "reproduced",
            "first_releases": "inconsistent",
            "independent_of_weights": "inconsistent",
            "introduced_in_2010": "inconsistent",
            "just_over_one_decade": "inconsistent",
            "largest_eigenvalue": "inconsistent",
            "more_cities_above_zero": "inconsistent",
            "most_influential_in_cei": "reproduced",
            "number_of_cities": "reproduced",
            "official_cei_overestimates": "consistent",
            "official_cei_overestimates_ascending": "inconsistent",
            "second_component_share": "reproduced",
            "second_component_share_truncated": "inconsistent",
            "signed_rank_without_independence_of_sets": "inconsistent",
            "signed_rank_without_normality": "inconsistent",
            "social_credit_system_start": "inconsistent",
            "table_2_covariance": "inconsistent",
            "table_3_caption": "inconsistent",
            "table_3_cumulative": "inconsistent",
            "table_3_differences": "inconsistent",
            "table_3_eigenvalue_1": "inconsistent",
            "table_3_eigenvalue_2": "inconsistent",
            "table_3_eigenvalue_4": "inconsistent",
            # Of the matrix as changed, whose diagonal is not scaled to ones: 0.60797.
            "table_3_eigenvalue_5": "inconsistent",
            "table_3_eigenvalues_sum": "inconsistent",
            "table_3_proportions": "inconsistent",
            "table_4_loadings": "inconsistent",
            "table_4_orthogonal": "inconsistent",
            "table_4_residuals": "inconsistent",
            "table_4_uncorrelated": "inconsistent",
            "table_4_unit_length": "inconsistent",
            "table_5_signed_rank": "inconsistent",
            "weights_reasonable": "consistent",
            "weights_sum": "inconsistent",
        },
    ),
    "nothing to recompute from": (
        # No number of differences has this M and its p-value; no PCA of an asymmetric matrix.
        [
            ("table_5", "statistic = 18", "symbol = 'M'"),
            ("table_2", "LCH = 0.1577", "variable = 'ETP'"),
        ],
        {
            "differences_gaussian": "not_checkable",
            "differences_median": "not_checkable",
            "independent_of_weights": "not_checkable",
            "more_cities_above_zero": "not_checkable",
            "official_cei_overestimates": "not_checkable",
            "official_cei_overestimates_ascending": "not_checkable",
            "pca_sensitive_to_scale": "not_checkable",
            "signed_rank_without_independence_of_sets": "not_checkable",
            "signed_rank_without_normality": "not_checkable",
            "table_2_covariance": "inconsistent",
            "table_3_caption": "not_checkable",
            **{f"table_3_eigenvalue_{component}": "not_checkable" for component in range(1, 7)},
            "table_4_loadings": "not_checkable",
            "table_4_residuals": "inconsistent",
            "table_5_sign": "inconsistent",
            "table_5_signed_rank": "not_checkable",
        },
    ),
}


@pytest.mark.parametrize(("changes", "expected"), REWRITTEN.values(), ids=REWRITTEN)
def test_changed_published_values_change_verdicts(cei, changes, expected):
    after = claims_with(
        "lin_gu_2015",
        *(
            f"update lin_gu_2015_{table} set {change} where {where}"
            for table, change, where in changes
        ),
    )
    before = verdicts(cei)
    changed = {
        code: verdict for code, verdict in verdicts(after).items() if verdict != before[code]
    }
    assert changed == expected
    if "weights_sum" in expected:
        # The normal distribution function on both sides of zero: 4 - 5 over 30 - 5, 4 + 5 over it.
        bounds = [284 * stats.norm.cdf(z) for z in (-1 / 25, 9 / 25)]
        assert after["differences_gaussian"][2:4] == pytest.approx(bounds, abs=1e-4)

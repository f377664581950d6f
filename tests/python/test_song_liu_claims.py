"""Tables 3 to 5 and the text of Song & Liu (2025): expected numbers are computed by hand."""

import csv
import itertools
from math import log, log2, sqrt

import numpy as np
import pytest
from conftest import PROJECT
from paper_claims import claims as claims_with
from paper_claims import tables, verdicts
from scipy.special import betainc

from credit_indices.stats.published_tests import REPORTED_T, reported_t_table

VERDICTS = {
    "abstract_core_factors": "consistent",
    "abstract_coverage": "inconsistent",
    "abstract_coverage_cut_off": "reproduced",
    "abstract_npl": "reproduced",
    "abstract_satisfaction": "reproduced",
    "abstract_satisfaction_cause": "not_checkable",
    "abstract_significance": "consistent",
    "section_1_1_coverage": "not_checkable",
    "section_1_1_digital_economy": "reproduced",
    "section_1_1_online_lending": "not_checkable",
    "section_1_1_share_of_gdp": "inconsistent",
    "section_2_1_1_supply_chain": "not_checkable",
    "section_2_1_1_users": "consistent",
    "section_2_2_alternative_data": "not_checkable",
    "section_2_2_bank_data": "not_checkable",
    "section_2_2_lag": "not_checkable",
    "section_2_2_small_enterprises": "inconsistent",
    "section_2_2_small_enterprises_and_individuals": "consistent",
    "section_2_3_1_blockchain": "not_checkable",
    "section_2_3_1_coverage": "inconsistent",
    "section_2_3_1_coverage_as_aim": "consistent",
    "section_2_3_2_accuracy": "not_checkable",
    "section_2_3_2_early_warning": "not_checkable",
    "section_2_3_2_months_ahead": "consistent",
    "section_2_3_2_rare_defaults": "not_checkable",
    "section_2_3_3_compliance": "not_checkable",
    "section_3_1_1_dimensions": "reproduced",
    "section_3_1_2_standardised": "consistent",
    "section_3_2_fin": "not_checkable",
    "section_3_2_larger_value": "not_checkable",
    "section_3_2_rd_gov": "not_checkable",
    "section_3_2_two_way": "consistent",
    "section_4_1_control_source": "not_checkable",
    "section_4_1_index_sources": "consistent",
    "section_4_1_risk_source": "not_checkable",
    "section_4_2_hypothesis": "not_checkable",
    "section_4_2_smaller_coefficients": "consistent",
    "section_4_2_weaker": "not_checkable",
    "section_4_3_1_policy": "not_checkable",
    "section_4_3_1_share_of_all_five": "not_checkable",
    "section_4_3_1_share_of_table_3": "inconsistent",
    "section_4_3_1_stars": "not_checkable",
    "section_4_3_2_provinces": "reproduced",
    "section_4_3_3_comprehensive": "not_checkable",
    "section_4_3_3_correlation": "not_checkable",
    "section_4_3_3_correlation_stars": "inconsistent",
    "section_4_3_3_correlation_stars_of_one_percent": "consistent",
    "section_4_3_3_endogeneity": "not_checkable",
    "section_4_3_3_f_above_ten": "consistent",
    "section_4_3_3_f_with_controls": "not_checkable",
    "section_4_3_3_f_without_controls": "inconsistent",
    "section_4_3_3_two_stage": "consistent",
    "section_4_3_3_two_stage_stars": "inconsistent",
    "section_4_3_3_two_stage_stars_otherwise": "not_checkable",
    "section_5_1_first_zone": "consistent",
    "section_5_2_1_approval_time": "not_checkable",
    "section_5_2_1_indicators": "not_checkable",
    "section_5_2_1_sharing": "not_checkable",
    "section_5_2_2_accuracy": "not_checkable",
    "section_5_2_2_national_average": "not_checkable",
    "section_5_2_2_satisfaction": "not_checkable",
    "section_5_2_credit_coverage": "reproduced",
    "section_5_2_data": "not_checkable",
    "section_5_2_npl_ratio": "reproduced",
    "section_5_3_compensation": "not_checkable",
    "section_5_3_explanatory_power": "consistent",
    "section_5_3_index": "not_checkable",
    "section_5_3_local_policies": "inconsistent",
    "section_5_3_simulated": "reproduced",
    "section_5_3_simulated_other_coefficients": "consistent",
    "section_5_3_simulated_other_units": "inconsistent",
    "section_5_3_simulated_per_unit": "inconsistent",
    "section_6_1_1_coverage_by_2025": "not_checkable",
    "section_6_1_1_qianhai": "not_checkable",
    "section_6_1_2_unsecured_loans": "not_checkable",
    "section_6_2_1_accuracy": "not_checkable",
    "section_6_2_1_county_loans": "not_checkable",
    "section_6_2_2_golden_eagle": "not_checkable",
    "section_6_2_2_levels": "reproduced",
    "section_6_2_2_other_indicators": "not_checkable",
    "section_6_2_2_triggers": "inconsistent",
    "section_6_3_1_masking": "not_checkable",
    "section_6_3_1_repair": "not_checkable",
    "section_6_3_2_companies": "not_checkable",
    "section_6_3_2_ratings": "not_checkable",
    "section_6_3_3_recognition": "not_checkable",
    "section_7_1_financing_efficiency": "reproduced",
    "section_7_1_npl": "reproduced",
    "section_7_1_path": "not_checkable",
    "section_7_1_ten_percent_as_unit": "reproduced",
    "section_7_1_ten_percent_of_section_5_3": "inconsistent",
    "section_7_1_ten_percent_of_table_3": "inconsistent",
    "table_3_degrees_of_freedom": "consistent",
    "table_3_fin_asymmetry": "not_checkable",
    "table_3_fin_p": "consistent",
    "table_3_fin_t": "consistent",
    "table_3_fixed_effects": "not_checkable",
    "table_3_gov_p": "reproduced",
    "table_3_gov_significance": "consistent",
    "table_3_gov_t": "consistent",
    "table_3_pgdp_p": "reproduced",
    "table_3_pgdp_sign": "consistent",
    "table_3_pgdp_t": "inconsistent",
    "table_3_pgdp_unit_of_ten_thousand_yuan": "consistent",
    "table_3_pgdp_unit_of_yuan": "inconsistent",
    "table_3_r_squared": "not_checkable",
    "table_3_rd_p": "consistent",
    "table_3_rd_significance": "consistent",
    "table_3_rd_t": "consistent",
    "table_3_scdbi_p": "reproduced",
    "table_3_scdbi_points": "consistent",
    "table_3_scdbi_t": "consistent",
    "table_3_stars": "consistent",
    "table_3_unit_of_hundredth": "consistent",
    "table_3_unit_of_score": "inconsistent",
    "table_4_data_foundation": "not_checkable",
    "table_4_fin_difference": "not_checkable",
    "table_4_fin_peak": "inconsistent",
    "table_4_fin_peak_in_time": "not_checkable",
    "table_4_fin_stars": "consistent",
    "table_4_pgdp_difference": "not_checkable",
    "table_4_pgdp_direction": "consistent",
    "table_4_pgdp_stars": "inconsistent",
    "table_4_pooled_between": "consistent",
    "table_4_scdbi_difference": "not_checkable",
    "table_4_scdbi_direction": "consistent",
    "table_4_scdbi_stars": "consistent",
    "table_5_credit_coverage_change": "reproduced",
    "table_5_credit_coverage_simulated": "not_checkable",
    "table_5_financing_cost_change": "reproduced",
    "table_5_financing_cost_simulated": "not_checkable",
    "table_5_interest_spreads": "not_checkable",
    "table_5_npl_ratio_change": "reproduced",
    "table_5_open_data": "inconsistent",
    "table_5_open_data_of_difference": "not_checkable",
    "table_5_open_data_points": "inconsistent",
    "table_5_rate_of_change": "inconsistent",
    "table_5_technical_model": "reproduced",
    "table_5_values": "not_checkable",
    "table_6_response_times": "not_checkable",
}
# Table 3: coefficient, standard error, t and p.
TABLE_3 = {
    "scdbi": (-0.72, 0.15, -4.85, 0.000),
    "pgdp": (-0.35, 0.16, -2.31, 0.022),
    "fin": (-0.28, 0.15, -1.89, 0.061),
    "rd": (-0.19, 0.14, -1.32, 0.187),
    "gov": (0.12, 0.11, 1.12, 0.264),
}


@pytest.fixture(scope="module")
def claims():
    return claims_with("song_liu_2025")


def later(claims):
    """The claims on Tables 3 to 5 and the text."""
    return {
        code: rest
        for code, rest in claims.items()
        if not code.startswith(("entropy", "table_1", "table_2"))
    }


def p_value(t, df):
    """Two-sided, by the incomplete beta function (Abramowitz & Stegun 26.7.1), not by scipy's t."""
    return betainc(df / 2, 0.5, df / (df + t * t))


def test_every_claim_has_its_verdict(claims):
    assert {code: rest[4] for code, rest in later(claims).items()} == VERDICTS


@pytest.mark.parametrize(
    ("code", "published", "recomputed", "lower", "upper"),
    [
        # .72 / .15; .725 / .145 and .715 / .155.
        ("table_3_scdbi_t", -4.85, -4.8, -5.0, -4.612903226),
        # .35 / .16; .355 / .155 and .345 / .165: 2.31 is outside.
        ("table_3_pgdp_t", -2.31, -2.1875, -2.290322581, -2.090909091),
        # .12 / .11; .115 / .115 and .125 / .105.
        ("table_3_gov_t", 1.12, 1.090909091, 1.0, 1.190476190),
        # 310 - 31 - 9 - 5.
        ("table_3_degrees_of_freedom", None, 265, 130, 270),
        ("table_3_stars", None, 0, None, None),
        ("table_3_r_squared", 0.89, None, None, None),
        # sqrt(.11 / 265) x .65 / .0026 = .0203739 x 250; sqrt(.105 / 265) x .645 / .00265.
        ("table_3_unit_of_score", 0.15, 5.093466, 4.844909, 5.350895),
        ("table_3_unit_of_hundredth", 0.15, 0.05093466, 0.04844909, 0.05350895),
        # .16 / .30; .15 / .31; .17 / .29.
        ("table_4_scdbi_difference", None, 0.533333333, 0.483870968, 0.586206897),
        # .23 / .32; .22 / .33; .24 / .31.
        ("table_4_pgdp_difference", None, 0.71875, 0.666666667, 0.774193548),
        # .15 / .30; .14 / .31; .16 / .29.
        ("table_4_fin_difference", None, 0.5, 0.451612903, 0.551724138),
        ("table_4_fin_peak", None, 0.15, 0.14, 0.16),
        # (1.644854 / .22)^2 + (1.959964 / .45)^2 = 55.89968 + 18.97017 = 74.86985;
        # ... / .215, / .445: 58.52990 + 19.39886; ... / .225, / .455: 53.44286 + 18.55553.
        ("table_4_pgdp_stars", 0.16, 0.1155704, 0.1132794, 0.1178524),
        # 63 / 72; 62 / 72.5; 64 / 71.5.
        ("section_4_3_1_share_of_table_3", 63, 87.5, 85.51724138, 89.51048951),
        # .63 x 37 / 63 - .08 = .29; .62 x 36.5 / 63.5 - .085; .64 x 37.5 / 62.5 - .075.
        ("section_4_3_1_share_of_all_five", None, -0.29, -0.309, -0.271377953),
        ("section_4_3_2_provinces", 11, 11, None, None),
        # t = r sqrt(308 / (1 - r^2)): .72 sqrt(308 / .4816), .715 sqrt(308 / .488775), .725 ...
        ("section_4_3_3_correlation_stars", None, 18.20808, 17.94844, 18.47363),
        ("section_4_3_3_f_without_controls", 28.6, 331.5349, 322.1465, 341.2753),
        # .04 / .15; .03 / .155; .05 / .145.
        ("section_4_3_3_two_stage", None, 0.266666667, 0.193548387, 0.344827586),
        ("section_4_3_3_f_above_ten", 28.6, None, 28.55, 28.65),
        ("table_5_credit_coverage_change", 22.52, 22.52, 22.015, 23.025),
        ("table_5_npl_ratio_change", -1.2, -1.2, -1.3, -1.1),
        ("table_5_financing_cost_change", -1.6, -1.6, -1.7, -1.5),
        # |-42.857143 + 1.2|; 100 (1.65 / 2.75 - 1.6 / 2.8) + .05 = 60 - 57.142857 + .05.
        ("table_5_rate_of_change", None, 41.65714286, None, 2.907142857),
        # 1 - 20.3 / 22.52; 1 - 20.35 / 22.515; 1 - 20.25 / 22.525.
        ("table_5_open_data", 12, 9.857904085, 9.615811681, 10.09988901),
        ("table_5_technical_model", 0.35, 0.35, 0.295, 0.405),
        # .85 / 1.2; .845 / 1.25; .855 / 1.15.
        ("section_5_3_explanatory_power", 70, 70.83333333, 67.6, 74.34782609),
        # -.72 log2(.0095 / .0042) = -.72 x 1.177538; .715 log2(.00945 / .00425); .725 ...
        ("section_5_3_simulated", -0.85, -0.8478272, -0.8717320, -0.8242889),
        # .72 log2(1.1) = .72 x .1375035.
        ("section_7_1_ten_percent_of_table_3", 0.7, 0.0990025, 0.0983150, 0.0996901),
        # .85 ln(1.1) / ln(95 / 42) = .85 x .0953102 / .8162074.
        ("section_7_1_ten_percent_of_section_5_3", 0.7, 0.0992562, 0.0966330, 0.1019781),
        ("section_7_1_financing_efficiency", 22, 21.92, 21.91, 21.93),
        ("abstract_coverage", 22, 22.52, 22.515, 22.525),
        ("abstract_npl", -1.2, -1.2, -1.3, -1.1),
        ("section_2_3_1_coverage", 90, 84.52, 84.515, 84.525),
        ("section_2_3_1_coverage_as_aim", 90, 84.52, 84.515, 84.525),
        ("section_2_3_2_accuracy", 86, None, None, None),
        # 100 - 1.87, 100 - 3.545, 100 - 0.915
        ("section_2_3_2_rare_defaults", 86, 98.13, 96.455, 99.085),
        ("section_2_3_2_months_ahead", 3, 3, None, None),
        ("section_2_1_1_users", 1, 1.09, 1.085, 1.095),
        # 56.737 / 181; 56.7365 / 181.5; 56.7375 / 180.5.
        ("section_2_2_small_enterprises", 90, 31.34640884, 31.25977961, 31.43351801),
        # 178.737 / 181; 178.2365 / 181.5; 179.2375 / 180.5.
        (
            "section_2_2_small_enterprises_and_individuals",
            90,
            98.74972376,
            98.20192837,
            99.30055402,
        ),
        ("abstract_coverage_cut_off", 22, 22, None, None),
        ("abstract_satisfaction", 92.38, 92.38, None, None),
        ("section_3_1_1_dimensions", 5, 5, None, None),
        ("section_3_2_two_way", None, 265, 130, 270),
        ("table_3_scdbi_points", 0.72, 0.72, None, None),
        # .35 x 23,400; .345 x 23,350; .355 x 23,450.
        ("table_3_pgdp_unit_of_yuan", None, 8190, 8055.75, 8324.75),
        # sqrt(.11 / 265) x .65 / 2.34; sqrt(.105 / 265) x .645 / 2.345; sqrt(.115 / 265) x ...
        (
            "table_3_pgdp_unit_of_ten_thousand_yuan",
            0.16,
            0.005659407,
            0.005475056,
            0.005843598,
        ),
        ("table_4_scdbi_direction", None, 0.16, 0.15, 0.17),
        ("table_4_pgdp_direction", None, 0.23, 0.22, 0.24),
        # .68 / (.15 sqrt(293.6 / 28.6)); .675 / (.155 sqrt(293.55 / 28.55)); .685 / (.145 ...).
        ("section_4_3_3_two_stage_stars", None, 1.414890, 1.358107, 1.475604),
        ("section_5_2_credit_coverage", 84.52, 84.52, None, None),
        ("section_5_2_npl_ratio", 1.6, 1.6, None, None),
        # 22.52 - 20.3.
        ("table_5_open_data_points", 12, 2.22, 2.165, 2.275),
        # .72 x .0053; .715 x .0052; .725 x .0054.
        ("section_5_3_simulated_per_unit", -0.85, -0.003816, -0.003915, -0.003718),
        # .68 (95 / 42 - 1); .675 (945 / 425 - 1); .685 (955 / 415 - 1).
        (
            "section_5_3_simulated_other_coefficients",
            -0.85,
            -0.8580952,
            -0.8913253,
            -0.8258824,
        ),
        ("section_5_3_local_policies", None, 0.35, 0.295, 0.405),
        ("section_6_2_2_levels", 3, 3, None, None),
        # Public opinion and equity changes.
        ("section_6_2_2_triggers", None, 2, None, None),
        ("section_7_1_ten_percent_as_unit", 0.7, 0.72, 0.715, 0.725),
        ("section_7_1_npl", -1.2, -1.2, -1.3, -1.1),
        # 53.9 / 126.0582; 53.85 and 53.95.
        ("section_1_1_share_of_gdp", 41.5, 42.75802, 42.71836, 42.79769),
        ("section_1_1_digital_economy", 53.9, 53.9, None, None),
    ],
)
def test_numbers_from_published_values(claims, code, published, recomputed, lower, upper):
    assert claims[code][:4] == [
        pytest.approx(number, rel=2e-6, abs=1e-12) if number is not None else None
        for number in (published, recomputed, lower, upper)
    ]


BOXES = {
    # The formula, and each input with half a unit of its last digit.
    "table_3_fin_t": (lambda b, se: b / se, [(-0.28, 0.005), (0.15, 0.005)]),
    "table_3_rd_t": (lambda b, se: b / se, [(-0.19, 0.005), (0.14, 0.005)]),
    "table_3_unit_of_score": (
        lambda r2, y, x: sqrt((1 - r2) / 265) * y / x,
        [(0.89, 0.005), (0.65, 0.005), (0.0026, 0.00005)],
    ),
    "table_4_scdbi_difference": (
        lambda a, b, se: abs(a - b) / (2 * se),
        [(-0.65, 0.005), (-0.81, 0.005), (0.15, 0.005)],
    ),
    "table_4_scdbi_stars": (
        lambda a, b: ((2.575829 / a) ** 2 + (2.575829 / b) ** 2) ** -0.5,
        [(-0.65, 0.005), (-0.81, 0.005)],
    ),
    "table_4_fin_stars": (lambda a: abs(a) / 1.959964, [(-0.35, 0.005)]),
    "section_4_3_1_share_of_table_3": (
        lambda a, b, whole: 100 * (a + b) / whole,
        [(-0.35, 0.005), (-0.28, 0.005), (-0.72, 0.005)],
    ),
    "section_4_3_1_share_of_all_five": (
        lambda a, b, share, policy: (a + b) / (share / 100) - (a + b) - policy,
        [(-0.35, 0.005), (-0.28, 0.005), (63, 0.5), (-0.08, 0.005)],
    ),
    "section_4_3_3_f_without_controls": (
        lambda r: (r * sqrt(308 / (1 - r * r))) ** 2,
        [(0.72, 0.005)],
    ),
    "section_4_3_3_two_stage": (
        lambda a, b, se: abs(a - b) / se,
        [(-0.68, 0.005), (-0.72, 0.005), (0.15, 0.005)],
    ),
    "section_4_3_3_two_stage_stars": (
        lambda b, f, se: b / (se * sqrt((f + 265) / f)),
        [(0.68, 0.005), (28.6, 0.05), (0.15, 0.005)],
    ),
    "section_5_3_simulated_other_coefficients": (
        lambda b, x, y: b * (y - x) / x,
        [(-0.68, 0.005), (0.0042, 0.00005), (0.0095, 0.00005)],
    ),
    "table_5_open_data": (lambda s, c: 100 * (c - s) / c, [(20.3, 0.05), (22.52, 0.005)]),
    "section_5_3_explanatory_power": (lambda s, c: 100 * s / c, [(-0.85, 0.005), (-1.2, 0.05)]),
    "section_5_3_simulated": (
        lambda b, x, y: b * log2(y / x),
        [(-0.72, 0.005), (0.0042, 0.00005), (0.0095, 0.00005)],
    ),
    "section_7_1_ten_percent_of_section_5_3": (
        lambda d, x, y: d * log(1.1) / log(y / x),
        [(0.85, 0.005), (0.0042, 0.00005), (0.0095, 0.00005)],
    ),
}


@pytest.mark.parametrize("code", BOXES)
def test_ranges_are_those_of_a_grid_over_the_rounding_box(claims, code):
    formula, inputs = BOXES[code]
    grid = itertools.product(*(np.linspace(x - half, x + half, 9) for x, half in inputs))
    values = [formula(*point) for point in grid]
    printed = formula(*(x for x, _ in inputs))
    assert claims[code][1:4] == pytest.approx([printed, min(values), max(values)], rel=1e-9)


def test_p_values_are_those_of_the_printed_t_values(claims):
    for variable, (_, _, t, p) in TABLE_3.items():
        expected = [p, *(p_value(abs(t) + end, 265) for end in (0, 0.005, -0.005))]
        assert claims[f"table_3_{variable}_p"][:4] == pytest.approx(expected, abs=1e-11)
    assert claims["abstract_significance"][:2] == pytest.approx([0.01, p_value(4.85, 265)])


def test_p_values_hold_jointly_for_130_to_270_df():
    def agrees(t, p, df):
        ends = p_value(abs(t) + 0.005, df), p_value(abs(t) - 0.005, df)
        return ends[0] <= p + 0.0005 and ends[1] >= p - 0.0005

    expected = [
        df for df in range(1, 310) if all(agrees(t, p, df) for *_, t, p in TABLE_3.values())
    ]
    tests = tables()["published_t_tests"].to_pylist()
    agreeing = [row["df"] for row in tests if row["agrees"]]
    found = [df for df in range(1, 310) if agreeing.count(df) == 5]
    assert found == expected == list(range(130, 271))
    assert not agrees(-2.31, 0.022, 30)
    assert not agrees(-1.89, 0.061, 1e9)  # as good as the normal distribution


def test_a_table_without_t_values_has_no_degrees_of_freedom():
    row = {"coefficient_code": "a", "t_value": None, "p_value": None}
    assert reported_t_table([row], 10) == REPORTED_T.empty_table()


def residuals(y, x):
    return y - x @ np.linalg.lstsq(x, y, rcond=None)[0]


def test_precisions_of_parts_sum_to_at_most_the_whole():
    # With one residual variance, a precision is the regressor's residual variation given the
    # others.
    generator = np.random.default_rng(3)
    for _ in range(20):
        units, periods, east = 31, 10, 11
        unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
        others = [np.eye(units)[unit], np.eye(periods)[period]]
        w = np.column_stack([*others, generator.normal(size=(units * periods, 4))])
        x = w @ generator.normal(size=w.shape[1]) + generator.normal(size=units * periods)
        inside = unit < east
        left = [(residuals(x[part], w[part]) ** 2).sum() for part in (inside, ~inside)]
        assert sum(left) <= (residuals(x, w) ** 2).sum() * (1 + 1e-12)
        # Arithmetic and harmonic mean: 1/a + 1/b >= 4 / (a + b).
        assert sqrt(1 / left[0] + 1 / left[1]) >= 2 / sqrt((residuals(x, w) ** 2).sum())


def test_no_regressor_has_an_error_below_the_bound():
    generator = np.random.default_rng(4)
    for _ in range(50):
        n, k = 60, 5
        x = generator.normal(size=(n, k)) @ generator.normal(size=(k, k))
        y = x @ generator.normal(size=k) + generator.normal(size=n)
        design = np.column_stack([np.ones(n), x])
        error = (residuals(y, design) ** 2).sum()
        df, r2 = n - k - 1, 1 - error / ((y - y.mean()) ** 2).sum()
        se = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * error / df)[1]
        assert se >= sqrt((1 - r2) / df) * y.std() / x[:, 0].std() * (1 - 1e-12)


def test_no_second_stage_has_an_error_below_the_bound():
    # With a control and an endogenous regressor, in samples of any strength of the instrument.
    generator = np.random.default_rng(5)
    for _ in range(300):
        n, df = 80, 80 - 3
        z, u, control = generator.normal(size=(3, n))
        strength, bias = generator.uniform(0.05, 1), generator.uniform(-1, 1)
        x = strength * z + generator.normal(size=n) + bias * u + control
        y = generator.normal() * x + control + u
        w = np.column_stack([np.ones(n), control])
        x, y, z = (residuals(of, w) for of in (x, y, z))
        first = (z @ x) / (z @ z)
        rest = x - first * z
        f = first**2 * (z @ z) / (rest @ rest / df)
        least_squares = y - (x @ y) / (x @ x) * x
        second = y - (z @ y) / (z @ x) * x
        error = sqrt(least_squares @ least_squares / df / (x @ x))
        of_second = sqrt(second @ second / df / (first**2 * (z @ z)))
        assert of_second >= error * sqrt((f + df) / f) * (1 - 1e-12)


def test_rounding_to_yuan_exceeds_the_published_error(claims):
    # sqrt(unexplained share) = sqrt((1 - R2) / 265) x sd(FR) / sd(PGDP) / error, at its largest.
    unexplained = (sqrt(0.115 / 265) * 0.655 / 23_350 / 0.155) ** 2
    generator = np.random.default_rng(6)
    gdp = generator.normal(50_000, 23_400, 100_000)
    rounding = (np.round(gdp) - gdp).var() / 23_400**2
    assert unexplained < rounding / 5
    explanation = claims["table_3_pgdp_unit_of_yuan"][5]
    assert f"at most {unexplained:.1e} of" in explanation
    assert f"alone leaves {rounding:.1e}" in explanation


def test_fewer_effects_do_not_fit_the_p_values(claims):
    tests = tables()["published_t_tests"].to_pylist()
    agreeing = [row["df"] for row in tests if row["agrees"]]
    assert agreeing.count(310 - 5 - 31 - 9) == 5
    # Provinces, years or a constant alone.
    fewer = [310 - 5 - effects for effects in (31, 10, 1)]
    assert all(agreeing.count(df) < 5 for df in fewer)
    explanation = claims["section_3_2_two_way"][5]
    assert [df for df in fewer if str(df) not in explanation] == []


def test_the_division_of_2011_has_the_bureaus_regions(claims):
    (eastern,) = (
        row["value"]
        for row in tables()["song_liu_2025_external"].to_pylist()
        if row["source_code"] == "eastern_provinces"
    )
    divided = f"{eastern:.0f} eastern, 6 central, 12 western and 3 northeastern provinces"
    assert divided in claims["section_4_3_2_provinces"][5]


def test_readings_of_the_simulated_change(claims):
    units = {
        "per unit of the score": lambda x, y, sd: y - x,
        "per hundredth": lambda x, y, sd: 100 * (y - x),
        "per standard deviation": lambda x, y, sd: (y - x) / sd,
        "per 100 %": lambda x, y, sd: y / x - 1,
        "per unit of the logarithm": lambda x, y, sd: log(y / x),
        "per doubling": lambda x, y, sd: log2(y / x),
    }
    ends = [(0.0042, 0.00005), (0.0095, 0.00005), (0.0026, 0.00005)]
    others = claims["section_5_3_simulated_other_units"][5]
    explanation = claims["section_5_3_simulated_other_coefficients"][5]
    for coefficient, name in {
        -0.72: None,
        -0.68: "(2SLS)",
        -0.65: "(east)",
        -0.81: "(central and west)",
    }.items():
        fits = []
        for reading, change in units.items():
            b = np.linspace(coefficient - 0.005, coefficient + 0.005, 5)
            points = itertools.product(b, *(np.linspace(v - h, v + h, 5) for v, h in ends))
            values = [b * change(*point) for b, *point in points]
            if min(values) <= -0.845 and max(values) >= -0.855:
                fits.append(reading)
            if name is None and reading not in ("per unit of the score", "per doubling"):
                assert f"{reading} {min(values):.3f} to {max(values):.3f}" in others
        if name is None:
            assert fits == ["per doubling"]
        else:
            assert f"{name} {' or '.join(fits) or 'in none of these ways'}" in explanation


@pytest.mark.parametrize(
    ("code", "phrases"),
    [
        # 4.85^2 / (4.85^2 + 265) = 23.5225 / 288.5225.
        ("table_3_r_squared", ["= 8.2 %"]),
        # .155^2 x .00265^2 / .645^2 x 265 = .000107; .72 x .0166 = .011952.
        ("table_3_unit_of_score", ["at least 0.9999", "fall by 0.0120 "]),
        ("table_3_degrees_of_freedom", ["31 - 1 = 30", "p = 0.0279"]),
        # (1.644854 x 2 x .145 / .17)^2 = 2.805927^2; (1.644854 x .31 / .24)^2; (... x .29 / .16)^2.
        ("table_4_scdbi_difference", ["least 7.9 times"]),
        ("table_4_pgdp_difference", ["least 4.5 times"]),
        ("table_4_fin_difference", ["least 8.9 times"]),
        # .225 / 1.644854, .455 / 1.959964; .155^2 x 71.99802.
        ("table_4_pgdp_stars", ["at most 0.137", "at most 0.232", "at least 1.73 times"]),
        # (.81 - .72) / .16, (.45 - .35) / .23, (.28 - .20) / .15; 11 / 31.
        ("table_4_pooled_between", ["0.56, 0.43 and 0.53", "has 0.35 of"]),
        # .28 x .85; .72 x .0026; x 100.
        ("section_4_2_weaker", ["0.24 percentage", "SCDBI 0.0019 if", "0.19 if"]),
        # sqrt(28.6 / 293.6).
        ("section_4_3_3_f_with_controls", ["= 0.31;"]),
        # .72 sqrt(29 / .4816).
        ("section_4_3_3_correlation_stars", ["t would be 5.6"]),
        # .72^2 x 29 / .4816.
        ("section_4_3_3_f_above_ten", ["above 16.38,"]),
        ("section_4_3_3_f_without_controls", ["31 provinces were", "about 31."]),
        # 92.38 - 70.46.
        ("abstract_coverage", ["rounds to 23", "21.92, which rounds to 22;", "7.1 gives 22 for"]),
        # .12 x 2.22, .12 x 22.52.
        ("table_5_open_data_of_difference", ["of the 2.22", "are 0.27,", "of the 22.52 are 2.70"]),
        ("section_3_2_larger_value", ["weight of 20.5 %"]),
        # 23 - 5.
        ("section_4_1_index_sources", ["of 5 indicators, and 3 others", "the other 18."]),
        ("table_3_scdbi_p", ["p = 0.0000021;", "allows 0.0000021 to 0.0000022"]),
        # 20.3 / 22.52, 1.2 / 1.6; 84.52 / 62, 1.6 / 2.8, 5.2 / 6.8.
        ("table_5_credit_coverage_simulated", ["is 90.1 % of", "leaves 2.22"]),
        ("table_5_financing_cost_simulated", ["is 75.0 % of", "leaves -0.4."]),
        ("table_5_rate_of_change", ["36.3 %", "-42.9 %", "-23.5 %"]),
        # 22.52 / 20.3.
        ("table_5_open_data", ["2.22 percentage points", "10.9 % of the simulated"]),
        # .7 ln(95 / 42) / ln 1.1 = .7 x 8.563694; .85 / 12.619, .7 x 12.619.
        (
            "section_7_1_ten_percent_of_section_5_3",
            ["by 126 %", "is 8.6 succ", "decreased by 6.0", "are 0.067 and 8.8."],
        ),
        # .15 sqrt(293.6 / 28.6); 265 / ((.685 / (2.575829 x .145))^2 - 1) = 265 / 2.36371.
        ("section_4_3_3_two_stage_stars", ["F): 0.48.", "rounding 1.48;", "at least 112."]),
        # exp(8.48).
        ("section_3_2_fin", ["of 4,817 units"]),
        # 24 hours are a day; three numbers as they stand.
        ("table_6_response_times", ["three are 1, 3 and 1,", "they are 1, 3 and 24,"]),
        ("section_6_2_2_triggers", ["trigger for negative public opinion and equity changes."]),
        ("section_6_2_2_golden_eagle", ["had 4.3 million"]),
        # .35 x 2.34.
        ("table_3_pgdp_unit_of_ten_thousand_yuan", ["with 0.82 percentage"]),
        ("section_1_1_online_lending", ["than 800 billion", "2020 0 peer"]),
        ("section_6_2_1_county_loans", ["was 2.28 %"]),
        # .72 ln 1.1; .72 x .00032 / .0026; .72 x .032.
        (
            "section_7_1_ten_percent_of_table_3",
            [
                "0.069 per unit of the log",
                "0.089 per standard",
                "0.023 per hundredth",
                "0.0002 per",
            ],
        ),
        # 50.2 / 121.0207; 53.9 / 129.4; 53.85 / 129.45 and 53.95 / 129.35.
        (
            "section_1_1_share_of_gdp",
            [
                "are 41.5 %, and the report of the year before has 41.5 %",
                "129.4 trillion yuan, they are 41.7 % (41.6 to 41.7 %",
            ],
        ),
        # 1 - 2 / 72.
        ("section_5_2_1_approval_time", ["97.2 % less"]),
        # 92.38 - 15; 86 - 72, 86 / 72.
        ("section_5_2_2_national_average", ["= 77 %"]),
        ("section_5_2_2_accuracy", ["14 points or 19.4 %"]),
    ],
)
def test_explanations_contain_their_values(claims, code, phrases):
    explanation = claims[code][5]
    assert [phrase for phrase in phrases if phrase not in explanation] == []


def test_population_density_hardly_changes_within_provinces(claims):
    def table(name):
        with open(PROJECT / f"seeds/raw/{name}.csv", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    area = {row["province_code"]: float(row["land_area_10k_km2"]) for row in table("nbs_land_area")}
    density = np.array(
        [
            float(row["gdp_as_published_100m_yuan"])
            / float(row["gdp_per_capita_yuan"])
            / area[row["province_code"]]
            for row in sorted(table("nbs"), key=lambda row: row["province_code"])
        ]
    ).reshape(31, 10)
    within = 100 * density.var(axis=1).mean() / density.var()
    assert f"that is {within:.2f} % of" in claims["section_4_3_3_f_with_controls"][5]


def changes(before, after):
    """The verdicts that changed."""
    return {
        code: verdict for code, verdict in verdicts(after).items() if verdict != before[code][4]
    }


def test_changed_published_values_change_verdicts(claims):
    def update(table, change, where):
        return f"update song_liu_2025_{table} set {change} where {where}"

    after = claims_with(
        "song_liu_2025",
        update("coefficients", "t_value = -2.29", "coefficient_code = 'table_3_pgdp'"),
        update("coefficients", "p_value = 0.2", "coefficient_code = 'table_3_rd'"),
        update("coefficients", "stars = '*'", "coefficient_code = 'table_3_gov'"),
        update("coefficients", "coefficient = -0.15", "coefficient_code = 'table_4_east_fin'"),
        update("text", '"value" = 88', "number_code = 'share_of_total_effect'"),
        update("text", '"value" = 332', "number_code = 'first_stage_f'"),
        update("text", '"value" = 0.8', "number_code = 'simulated_decrease'"),
        update("text", '"value" = 0.1', "number_code = 'stated_decrease'"),
        update("text", '"value" = 84', "number_code = 'credit_coverage_suzhou'"),
        update("text", '"value" = 42.8', "number_code = 'digital_economy_share'"),
        update("table_5", "change = -1.4", "measure_code = 'npl_ratio'"),
        update("table_5", "explanation = 'Local policies'", "measure_code = 'npl_ratio'"),
    )
    assert changes(claims, after) == {
        "table_3_pgdp_t": "consistent",
        "table_3_pgdp_p": "inconsistent",
        "table_3_rd_p": "inconsistent",
        "table_3_stars": "inconsistent",
        "table_3_degrees_of_freedom": "not_checkable",
        "table_4_fin_peak": "consistent",
        "table_4_fin_stars": "inconsistent",
        "table_4_pooled_between": "inconsistent",
        "section_4_3_1_share_of_table_3": "reproduced",
        "section_4_3_3_f_without_controls": "reproduced",
        "section_5_3_simulated": "inconsistent",
        "section_7_1_ten_percent_as_unit": "inconsistent",
        "section_7_1_ten_percent_of_table_3": "reproduced",
        "section_7_1_ten_percent_of_section_5_3": "reproduced",
        "section_2_3_1_coverage": "consistent",
        "section_2_3_1_coverage_as_aim": "inconsistent",
        "section_3_2_two_way": "not_checkable",
        "section_4_3_3_two_stage_stars": "consistent",
        "section_1_1_share_of_gdp": "reproduced",
        "table_5_npl_ratio_change": "inconsistent",
        "table_5_technical_model": "inconsistent",
        "section_5_3_explanatory_power": "inconsistent",
        "section_5_3_local_policies": "consistent",
    }


def test_a_missing_row_leaves_a_claim_that_cannot_be_checked(claims):
    missing = {
        "coefficients where coefficient_code = 'table_3_fin'",
        "coefficients where coefficient_code = 'section_4_3_1_digital_technology'",
        "text where number_code = 'index_2019'",
        "table_5 where measure_code = 'npl_ratio'",
    }
    deletions = [f"delete from song_liu_2025_{rows}" for rows in sorted(missing)]
    after = claims_with("song_liu_2025", *deletions)
    assert set(after) == set(claims)
    assert changes(claims, after) == dict.fromkeys(
        [
            "abstract_core_factors",
            "abstract_npl",
            "section_4_2_smaller_coefficients",
            "section_4_3_1_share_of_table_3",
            "section_5_2_npl_ratio",
            "section_5_3_explanatory_power",
            "section_5_3_local_policies",
            "section_5_3_simulated",
            "section_5_3_simulated_other_coefficients",
            "section_5_3_simulated_other_units",
            "section_5_3_simulated_per_unit",
            "section_7_1_npl",
            "section_7_1_ten_percent_of_section_5_3",
            "table_3_fin_p",
            "table_3_fin_t",
            "table_4_fin_stars",
            "table_4_pooled_between",
            "table_5_npl_ratio_change",
            "table_5_technical_model",
        ],
        "not_checkable",
    )
    # The other two rates of change are enough.
    assert "? % for the non-performing loan ratio" in after["table_5_rate_of_change"][5]
    assert after["table_3_fin_t"][5] == (
        "? / ? = ?. With both rounded, anything from ? to ? is possible."
    )
    values = "-0.85 lies among the values of -0.68 (2SLS) ? (recomputed)"
    assert values in after["section_5_3_simulated_other_coefficients"][5]


def test_empty_tables_leave_nothing_to_check():
    emptied = ["coefficients", "text", "table_5"]
    deletions = [f"delete from song_liu_2025_{table}" for table in emptied]
    deletions.append("delete from digital_economy_of_china")
    after = later(claims_with("song_liu_2025", *deletions))
    checkable = {code for code, rest in after.items() if rest[4] != "not_checkable"}
    # These rest on Tables 1, 2 and 6 and on other publishers.
    elsewhere = {
        "section_3_1_2_standardised",
        "section_4_1_index_sources",
        "section_5_1_first_zone",
        "section_6_2_2_triggers",
    }
    assert checkable == elsewhere
    assert [code for code, rest in after.items() if "{" in rest[5]] == []

"""Expected numbers are worked out by hand from the printed figures, or with numpy from nbs.csv."""

import csv

import numpy as np
import pytest
from conftest import PROJECT

CLAIMS = "select {} from marts.published_claims"


@pytest.fixture(scope="module")
def claims(shipped):
    """Published, recomputed, lower, upper, verdict and explanation by the claim's short code."""
    columns = 'claim_code, published, recomputed, "lower", "upper", verdict, explanation'
    rows = shipped.query(CLAIMS.format(columns))
    return {code.removeprefix("song_liu_2025_"): rest for code, *rest in rows}


@pytest.fixture(scope="module")
def official():
    with open(PROJECT / "seeds/raw/nbs.csv", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    columns = ("year", "gdp_per_capita_yuan", "invention_patents_granted")
    return {column: np.array([float(row[column]) for row in rows]) for column in columns}


def test_every_claim_has_its_verdict(claims):
    verdicts = {code: verdict for code, (*_, verdict, _) in claims.items()}
    assert verdicts == {
        "entropy_formula": "inconsistent",
        "table_1_number_of_indicators": "not_checkable",
        "table_1_npl_weight": "inconsistent",
        "table_1_other_weights": "not_checkable",
        "table_1_weights_of_dimensions": "consistent",
        "table_1_weights_sum": "reproduced",
        "table_2_fin_correlation": "not_checkable",
        "table_2_fin_correlation_stars": "inconsistent",
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
        # Most: sqrt(310/309 x (3.545 - 1.865)(1.875 - 0.915)) = sqrt(1.0032362 x 1.68 x 0.96).
        # Least: a = 3.535 - 1.875 = 1.66, b = 1.865 - 0.925 = 0.94, the other 308 at a distance of
        # 0.72 / 308 from the mean: (2.7556 + 0.8836 + 0.72^2 / 308) / 309 = 0.01178279.
        ("table_2_fr_spread", 0.65, None, 0.1085485, 1.2720139),
        # Most: sqrt(310/309 x 0.0135 x 0.0030). Least: a = 0.0133, b = 0.0028:
        # (1.7689e-4 + 7.84e-6 + 0.0105^2 / 308) / 309 = 5.98990e-7.
        ("table_2_scdbi_spread", 0.0026, None, 7.73945e-4, 6.374250e-3),
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
def test_numbers_from_printed_figures(claims, code, published, recomputed, lower, upper):
    assert claims[code][:4] == [
        pytest.approx(number, rel=1e-6, abs=1e-12) if number is not None else None
        for number in (published, recomputed, lower, upper)
    ]


def test_gdp_per_capita_is_compared_with_the_official_figures(claims, official):
    gdp = official["gdp_per_capita_yuan"]
    printed = {"mean": 56_800, "sd": 23_400, "min": 12_300, "max": 156_700}
    figures = {"mean": gdp.mean(), "sd": gdp.std(ddof=1), "min": gdp.min(), "max": gdp.max()}
    for statistic, number in printed.items():
        expected = [number, figures[statistic], number - 50, number + 50]
        assert claims[f"table_2_pgdp_{statistic}"][:4] == pytest.approx(expected)
    in_2020 = gdp[official["year"] == 2020]
    expected = [0.41, in_2020.std(ddof=1) / in_2020.mean(), 0.405, 0.415]
    assert claims["table_2_pgdp_variation_2020"][:4] == pytest.approx(expected)


def test_the_npl_ratio_cannot_weigh_what_stands_beside_it(claims, official):
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
        ("entropy_formula", ["gives -1 for these", "would be 2 ", "below 11.1 %", "has 10.4 %"]),
        # (1.87 x 31 - 1.52 x 11) / 20 = 41.25 / 20 = 2.0625.
        ("table_2_fr_regions_two", ["11 provinces at 1.52 % and 20 at 2.13 %", "2.06 %"]),
        ("table_2_scdbi_of_shares", ["at least 0.0435"]),
        ("table_2_pgdp_min", ["Guizhou in 2011", "33.4 %"]),
        ("table_2_pgdp_max", ["Beijing in 2020", "5.2 %"]),
        # (8.48 - 3.40) / 0.85 = 5.976; 309 / sqrt(310) = 17.55; exp(5.08) = 160.8;
        # 5.08^2 / (309 x 0.7225) = 25.8064 / 223.2525 = 11.56 %.
        ("table_2_fin_minimum", ["5.98 standard", "= 17.6 away", "1/161 of", "11.6 % of"]),
        # 0.68 sqrt(29 / 0.5376) = 4.994.
        ("table_2_fin_correlation_stars", ["it would be 5.0"]),
    ],
)
def test_explanations_carry_the_figures(claims, code, phrases):
    explanation = claims[code][5]
    assert [phrase for phrase in phrases if phrase not in explanation] == []


def test_no_placeholder_is_left_in_an_explanation(claims):
    assert [code for code, (*_, text) in claims.items() if "{" in text or "}" in text] == []


def test_a_users_own_data_do_not_change_the_claims(build, shipped, small):
    own = build(small)
    assert own.succeeded, own.message
    everything = CLAIMS.format("*") + " order by claim_code"
    assert own.query(everything) == shipped.query(everything)

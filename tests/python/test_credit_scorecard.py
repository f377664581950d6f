"""Scorecards against computation by hand, textbook scaling and statsmodels's Logit."""

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from statsmodels.discrete.discrete_model import Logit

from credit_indices.stats.credit import discrimination, scorecard

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

GERMAN = Path(__file__).parents[1] / "data" / "german_credit.csv"


def loans(n=1_500, seed=0):
    """Loans with missing ages, a special income and a category; the risk depends on all."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 70, n).astype(float)
    income = np.round(rng.lognormal(3, 1, n), 1)
    housing = rng.choice(np.array(["own", "rent", None], dtype=object), n, p=[0.5, 0.4, 0.1])
    eta = -1.0 - 0.04 * (age - 40) - 0.5 * np.log(income / 20) + 0.8 * (housing == "rent")
    defaulted = rng.random(n) < 1 / (1 + np.exp(-eta))
    age[rng.random(n) < 0.08] = np.nan
    income[rng.random(n) < 0.05] = -1
    return {"age": age, "income": income, "housing": housing}, defaulted


def card(columns, defaulted, **options):
    binnings = [
        scorecard.fit_bins("age", columns["age"], defaulted, trend="decreasing"),
        scorecard.fit_bins("income", columns["income"], defaulted, special=[-1], n_bins=5),
        scorecard.fit_bins("housing", columns["housing"], defaulted),
    ]
    return scorecard.fit_scorecard(binnings, columns, defaulted, **options)


def select(columns, rows):
    return {feature: values[rows] for feature, values in columns.items()}


def test_weights_of_evidence_by_hand():
    # 10 paid and 5 defaulted loans. Own: 8 and 2, rent: 2 and 3.
    # ln((8/10)/(2/5)) = ln 2, ln((2/10)/(3/5)) = -ln 3; IV = 0.4 ln 2 + 0.4 ln 3
    housing = ["own"] * 10 + ["rent"] * 5
    defaulted = [0] * 8 + [1] * 2 + [0] * 2 + [1] * 3
    found = scorecard.fit_bins("housing", housing, defaulted)
    assert_allclose(found.weights, [np.log(2), -np.log(3)], rtol=1e-12)
    assert_allclose(found.information_value, 0.4 * np.log(6), rtol=1e-12)
    assert [each.label for each in found.bins] == ["category own", "category rent"]
    assert_allclose(found.transform(["rent", "own"]), [-np.log(3), np.log(2)], rtol=1e-12)


def test_uninformative_features_are_left_out():
    columns, defaulted = loans()
    binnings = card(columns, defaulted).binnings
    flat = scorecard.fit_bins("flat", np.ones(defaulted.size), defaulted)
    assert flat.information_value == 0
    assert scorecard.informative([flat, *binnings]) == binnings
    assert scorecard.informative(binnings, least=9) == ()


def test_zero_cell_adds_one_half_to_its_own_bin():
    # 4 paid, 4 defaulted. Bin a: 2 and 0 -> 2.5/4 and 0.5/4: ln 5. Bin b: 2 and 4: ln(1/2).
    values, defaulted = ["a"] * 2 + ["b"] * 6, [0, 0, 0, 0, 1, 1, 1, 1]
    found = scorecard.fit_bins("x", values, defaulted)
    assert_allclose(found.weights, [np.log(5), np.log(0.5)], rtol=1e-12)
    with pytest.raises(ValueError, match="Bin category a of x has 0 defaulted and 2 paid"):
        scorecard.fit_bins("x", values, defaulted, zero_cells="error")


def test_weight_of_a_bin_is_the_weight_of_its_transform():
    columns, defaulted = loans()
    for binning in card(columns, defaulted).binnings:
        values = columns[binning.feature]
        place, weights = binning.place(values), binning.transform(values)
        labels = [each.label for each in binning.bins]
        assert sum(each.n for each in binning.bins) == defaulted.size
        for number, each in enumerate(binning.bins):
            inside = place == number
            bad, good = defaulted[inside].sum(), (~defaulted[inside]).sum()
            assert (each.n, each.n_defaulted) == (inside.sum(), bad)
            expected = np.log(good / (~defaulted).sum() / (bad / defaulted.sum()))
            assert_allclose(each.weight, expected, rtol=1e-12)
            assert (weights[inside] == each.weight).all()
        if binning.feature != "income":
            assert labels[-1] == "missing"
            gone = [v is None or v != v for v in values]
            assert (place[gone] == len(labels) - 1).all()
        else:
            assert labels[-1] == "special -1"
            assert (place[values == -1] == len(labels) - 1).all()


def test_ranges_contain_their_upper_edge():
    found = scorecard.fit_bins("x", [1, 2, 3, 4], [0, 1, 0, 1], n_bins=2)
    assert [each.label for each in found.bins] == ["(-inf, 2]", "(2, inf)"]
    assert list(found.place([-9, 2, 2.001, 99])) == [0, 0, 1, 1]


def test_equal_values_stay_in_one_bin():
    found = scorecard.fit_bins("x", [0] * 90 + [1] * 10, [0, 1] * 50, n_bins=10)
    assert [each.n for each in found.bins] == [90, 10]


@pytest.mark.parametrize("trend", ["increasing", "decreasing", "either"])
def test_trend_is_monotone_over_the_ranges_only(trend):
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(size=900), np.full(60, -9.0), np.full(40, np.nan)])
    rate = np.where(np.isnan(x), 0.5, np.where(x == -9, 0.05, 1 / (1 + np.exp(1 + x))))
    defaulted = rng.random(x.size) < rate
    found = scorecard.fit_bins("x", x, defaulted, n_bins=20, trend=trend, special=[-9])
    rates = [each.n_defaulted / each.n for each in found.bins[: found.n_ranges]]
    steps = np.diff(rates)
    assert (steps > 0).all() if trend == "increasing" else (steps < 0).all()
    assert (found.n_ranges > 3) == (trend != "increasing")
    assert [each.n for each in found.bins[found.n_ranges :]] == [60, 40]


def test_merging_pools_adjacent_violators():
    # Rates of the values 1 to 4: 0, 2/3, 1/3, 1. Values 2 and 3 pool to 1/2.
    x = np.repeat([1, 2, 3, 4], 3)
    defaulted = [0, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1]
    found = scorecard.fit_bins("x", x, defaulted, n_bins=4, trend="increasing")
    assert [(each.n, each.n_defaulted) for each in found.bins] == [(3, 0), (6, 3), (3, 3)]
    mirrored = scorecard.fit_bins("x", -x, defaulted, n_bins=4, trend="decreasing")
    assert [(each.n, each.n_defaulted) for each in mirrored.bins] == [(3, 3), (6, 3), (3, 0)]


def test_scaling_gives_the_textbook_factor_and_offset():
    # Siddiqi (2006), chapter 6: 600 points at 50 to 1, 20 points double the odds.
    scaling = scorecard.Scaling(base_points=600, base_odds=50, double_odds=20)
    assert_allclose([scaling.factor, scaling.offset], [28.8539, 487.123], atol=5e-4)


def test_one_feature_has_coefficient_minus_one():
    # The log odds of a bin are ln(defaulted/paid) - weight, so the fit is saturated.
    columns, defaulted = loans()
    binning = scorecard.fit_bins("age", columns["age"], defaulted)
    found = scorecard.fit_scorecard([binning], columns, defaulted)
    assert_allclose(found.coefficients, [-1], rtol=1e-8)
    odds = defaulted.sum() / (~defaulted).sum()
    assert_allclose(found.intercept, np.log(odds), rtol=1e-8)
    place = binning.place(columns["age"])
    rates = [defaulted[place == number].mean() for number in range(len(binning.bins))]
    assert_allclose(found.probability(columns), np.array(rates)[place], rtol=1e-8)


def test_pooled_fit_equals_logit_on_single_loans():
    columns, defaulted = loans()
    found = card(columns, defaulted)
    weights = [each.transform(columns[each.feature]) for each in found.binnings]
    regressors = np.column_stack([np.ones(defaulted.size), *weights])
    fit = Logit(defaulted.astype(float), regressors).fit(disp=0)
    assert_allclose([found.intercept, *found.coefficients], fit.params, rtol=1e-7)
    assert_allclose(found.std_errors, fit.bse[1:], rtol=1e-6)


def test_pooling_equals_unique_rows():
    rng = np.random.default_rng(9)
    sizes = [2, 3, 250, *[7] * 30]
    base = np.array([rng.integers(0, size, 60) for size in sizes])
    places = base[:, rng.integers(0, 60, 500)]
    places[-1, :50] = 6  # groups that differ in the last word only
    first, group = scorecard._pool(list(places), sizes)
    rows, expected = np.unique(places.T, axis=0, return_inverse=True)
    assert first.size == len(rows)
    assert (places[:, first][:, group] == places).all()
    assert len(set(zip(group, expected.ravel(), strict=True))) == len(rows)


def test_points_add_up_to_the_scaled_log_odds():
    columns, defaulted = loans()
    scaling = scorecard.Scaling(base_points=500, base_odds=20, double_odds=40)
    found = card(columns, defaulted, scaling=scaling)
    total = found.points(columns).sum(axis=1)
    log_odds = found.log_odds(columns)
    expected = 500 - 40 / np.log(2) * (log_odds + np.log(20))
    assert_allclose(total, expected, rtol=0, atol=1e-9)
    # 40 points more double the odds of paid to defaulted.
    odds = np.exp(-log_odds)
    slope = (total[0] - total[1]) / (np.log2(odds[0]) - np.log2(odds[1]))
    assert_allclose(slope, 40, rtol=1e-8)


def test_scores_are_equal_under_row_order():
    columns, defaulted = loans()
    order = np.random.default_rng(1).permutation(defaulted.size)
    here = card(columns, defaulted)
    there = card(select(columns, order), defaulted[order])
    assert (here.log_odds(columns) == there.log_odds(columns)).all()
    assert (here.points(columns)[order] == here.points(select(columns, order))).all()


def test_shuffled_labels_have_no_out_of_sample_discrimination():
    columns, defaulted = loans(4_000, seed=2)
    defaulted = np.random.default_rng(6).permutation(defaulted)
    train, test = np.arange(4_000) < 2_000, np.arange(4_000) >= 2_000
    found = card(select(columns, train), defaulted[train])
    result = discrimination.auc_interval(defaulted[test], found.log_odds(select(columns, test)))
    assert abs(result.value - 0.5) < 2 * result.std_error


@pytest.mark.parametrize(
    ("feature", "value", "message"),
    [
        ("age", np.inf, r"age is inf \(row 3\)"),
        ("income", np.nan, "income is missing in row 3; the fit had no missing value"),
        (
            "housing",
            "yurt",
            r"housing is 'yurt' \(row 3\), which the fit did not contain.*own, rent",
        ),
    ],
)
def test_values_that_the_fit_did_not_contain_are_named(feature, value, message):
    columns, defaulted = loans()
    found = card(columns, defaulted)
    new = {name: values[:5].copy() for name, values in columns.items()}
    new["income"][:] = 10.0
    found.points(new)
    new[feature][3] = value
    for scores in (found.points, found.log_odds, found.probability):
        with pytest.raises(ValueError, match=message):
            scores(new)


def test_numbers_and_text_are_not_mixed():
    columns, defaulted = loans()
    found = card(columns, defaulted)
    with pytest.raises(ValueError, match="age has text; the fit had numbers"):
        found.binnings[0].transform(["old"])
    with pytest.raises(ValueError, match="housing has numbers; the fit had text"):
        found.binnings[2].transform([1.0])
    assert found.binnings[0].place([30, None])[1] == found.binnings[0].missing


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trend": "up"}, "The trend is 'up'"),
        ({"zero_cells": "skip"}, "The rule for zero cells is 'skip'"),
        ({"n_bins": 0}, "The number of bins is 0"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        scorecard.fit_bins("x", [1, 2, 3], [0, 1, 0], **options)


def test_features_that_cannot_be_fitted_are_named():
    columns, defaulted = loans(400)
    constant = scorecard.fit_bins("flat", np.ones(400), defaulted)
    columns |= {"flat": np.ones(400), "years": columns["age"] + 0, "late": defaulted * 1.0}
    age = scorecard.fit_bins("age", columns["age"], defaulted)
    years = scorecard.fit_bins("years", columns["years"], defaulted)
    late = scorecard.fit_bins("late", columns["late"], defaulted)
    for binnings, message in (
        ([], "no feature"),
        ([age, constant], "same weight of evidence of flat"),
        ([age, years], "features age, years repeat each other"),
        ([age, late], "late separates defaulted from paid loans"),
    ):
        with pytest.raises(ValueError, match=message):
            scorecard.fit_scorecard(binnings, columns, defaulted)
    with pytest.raises(ValueError, match="Feature age is absent; there are: flat"):
        scorecard.fit_scorecard([age], {"flat": columns["flat"]}, defaulted)


def test_a_bin_with_one_outcome_does_not_diverge_in_silence():
    columns, defaulted = loans(400)
    flag = np.where(defaulted & (np.arange(400) % 2 == 0), "yes", "no")
    age = scorecard.fit_bins("age", columns["age"], defaulted)
    only = scorecard.fit_bins("flag", flag, defaulted)
    with pytest.raises(ValueError, match="flag separates"):
        scorecard.fit_scorecard([age, only], columns | {"flag": flag}, defaulted)


def test_german_credit_has_the_published_auc():
    with open(GERMAN, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    defaulted = np.array([row.pop("creditability") == "bad" for row in rows])
    columns = {}
    for feature in rows[0]:
        text = [row[feature] for row in rows]
        number = all(value.replace(".", "", 1).isdigit() for value in text)
        columns[feature] = np.array(text, dtype=float if number else object)
    areas = []
    for repeat in range(3):
        rng = np.random.default_rng(repeat)
        fold = np.empty(defaulted.size, dtype=int)
        for outcome in (True, False):
            members = rng.permutation(np.flatnonzero(defaulted == outcome))
            fold[members] = np.arange(members.size) % 10
        for held_out in (fold == number for number in range(10)):
            train = select(columns, ~held_out)
            binnings = [
                scorecard.fit_bins(name, train[name], defaulted[~held_out], n_bins=5)
                for name in columns
            ]
            kept = scorecard.informative(binnings)
            found = scorecard.fit_scorecard(kept, train, defaulted[~held_out])
            score = found.log_odds(select(columns, held_out))
            areas.append(discrimination.auc(defaulted[held_out], score))
    assert 0.765 <= np.mean(areas) <= 0.795

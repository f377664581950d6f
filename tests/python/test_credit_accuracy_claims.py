"""Accuracy, default rate and AUC against scikit-learn on simulated scores and closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from credit_indices.stats.credit import accuracy_claims as claims
from credit_indices.stats.credit.evaluation import Metric, compare, evaluate

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")


def test_constant_prediction_reaches_86_percent_at_both_ends():
    low, high = claims.informative_default_rates(0.86)
    assert_allclose([low, high], [0.14, 0.86])
    for rate in (low, high):
        assert_allclose(max(rate, 1 - rate), 0.86)


@pytest.mark.parametrize("rate", [0.02, 0.2, 0.5, 0.7])
def test_best_accuracy_equals_the_best_of_all_thresholds(rate):
    grid = np.linspace(-15, 15, 300_001)
    every = rate * norm.cdf(1.3 - grid) + (1 - rate) * norm.cdf(grid)
    assert_allclose(claims.best_accuracy(1.3, rate), every.max(), atol=1e-8)


def test_balanced_loans_have_a_closed_form():
    # At d = 1/2 the threshold is s/2, so a = Phi(s/2) and AUC = Phi(sqrt(2) * Phi^-1(a)).
    for accuracy in (0.501, 0.72, 0.86, 0.99):
        expected = norm.cdf(np.sqrt(2) * norm.ppf(accuracy))
        assert_allclose(claims.needed_auc(accuracy, 0.5), expected, rtol=1e-9)


def test_simulated_scores_with_the_needed_auc_reach_the_accuracy():
    rng = np.random.default_rng(0)
    rate, accuracy = 0.2, 0.86
    area = claims.needed_auc(accuracy, rate)
    separation = np.sqrt(2) * norm.ppf(area)
    defaulted = rng.random(400_000) < rate
    score = rng.normal(size=defaulted.size)
    score = score + separation * defaulted
    assert_allclose(roc_auc_score(defaulted, score), area, atol=3e-3)
    order = np.argsort(score)
    right = np.cumsum(~defaulted[order]) + defaulted.sum() - np.cumsum(defaulted[order])
    assert_allclose(right.max() / defaulted.size, accuracy, atol=2e-3)


@pytest.mark.parametrize("rate", [0.02, 0.14, 0.86, 0.95])
def test_no_auc_is_needed_where_the_majority_suffices(rate):
    assert np.isnan(claims.needed_auc(0.86, rate))


def test_needed_auc_falls_as_outcomes_become_rarer():
    areas = [claims.needed_auc(0.86, rate) for rate in (0.5, 0.4, 0.3, 0.2, 0.15)]
    assert all(np.diff(areas) < 0)


def rows_of(seed=0, rate=0.3):
    rng = np.random.default_rng(seed)
    y = rng.random(600) < rate
    bank = np.clip(0.3 + 0.1 * y + 0.1 * rng.normal(size=600), 0.01, 0.99)
    both = np.clip(0.25 + 0.4 * y + 0.1 * rng.normal(size=600), 0.01, 0.99)
    options = {"draws": 50, "seed": 1}
    alone = np.full(600, -1)
    found = evaluate(y, both, alone, **options)
    other = evaluate(y, bank, alone, **options)
    return y, found, other, compare(y, both, bank, alone, **options)


def test_rows_repeat_the_metrics_of_the_models():
    y, both, bank, differences = rows_of()
    rows = claims.claim_rows(both, bank, differences, y.mean())
    found = {each.item: each for each in rows if each.claim == "accuracy_72_to_86"}
    assert (found["accuracy_before"].published, found["accuracy_after"].published) == (0.72, 0.86)
    assert found["accuracy_before"].own == bank[0].value
    assert found["accuracy_after"].own_low == both[0].bootstrap_low
    assert found["gain"].published == 0.14
    assert found["gain"].own == differences[1].value
    assert "raise the accuracy" in found["gain"].explanation
    assert found["majority"].own == max(y.mean(), 1 - y.mean())
    assert_allclose(found["lowest_informative_default_rate"].own, 0.14)
    assert found["needed_auc_after"].own == claims.needed_auc(0.86, y.mean())
    assert_allclose(found["highest_informative_default_rate"].own, 0.86)
    assert {each.section for each in rows} == {"2.3.2", "6.2.1"}


def test_rare_defaults_need_no_model():
    _, both, bank, differences = rows_of()
    rows = claims.claim_rows(both, bank, differences, 0.02)
    needed = [each for each in rows if each.item.startswith("needed_auc")]
    assert [each.own for each in needed] == [None] * 4
    assert all("no model is needed" in each.explanation for each in needed)
    for each in rows:
        if each.item.endswith("_informative_default_rate"):
            assert "no better" in each.explanation


def accuracy_row(value, low, majority):
    def metric(name, value, low=None):
        return Metric(name, value, None, None, low, 1.0)

    gain = metric("accuracy_gain", value - majority, low - majority)
    models = [metric("accuracy", value, low), metric("majority", majority), gain]
    rows = claims.claim_rows(models, models, [metric("accuracy_difference", 0.0, -1.0)], 0.4)
    return next(each for each in rows if each.item == "accuracy_after").explanation


def test_accuracy_is_compared_with_the_majority():
    assert "33.0 percentage points above" in accuracy_row(0.9, 0.88, 0.57)
    assert "but the interval contains no gain (-3.0 to" in accuracy_row(0.58, 0.54, 0.57)
    assert "no better than the accuracy without any model" in accuracy_row(0.57, 0.54, 0.57)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"accuracy is 0\.5"):
        claims.needed_auc(0.5, 0.1)
    with pytest.raises(ValueError, match="accuracy is 86"):
        claims.informative_default_rates(86)
    with pytest.raises(ValueError, match="default rate is 1"):
        claims.needed_auc(0.8, 1)
    with pytest.raises(ValueError, match="separation is 0"):
        claims.best_accuracy(0, 0.5)
    metric = Metric("auc", 0.5, None, None, None, None)
    with pytest.raises(ValueError, match="Metric accuracy is absent; there are: auc"):
        claims.claim_rows([metric], [metric], [metric], 0.3)

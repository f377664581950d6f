"""Discrimination against SAS, all pairs, a jackknife and scipy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from credit_indices.stats.credit import discrimination

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

# DeLong, DeLong & Clarke-Pearson (1988), as in the SAS/STAT User's Guide, PROC LOGISTIC, example
# "Comparing Receiver Operating Characteristic Curves": albumin, total protein, K-G score, outcome.
TABLE = """
3.0 5.8 10 0  3.2 6.3 5 1  3.9 6.8 3 1  2.8 4.8 6 0  3.2 5.8 3 1  0.9 4.0 5 0  2.5 5.7 8 0
1.6 5.6 5 1  3.8 5.7 5 1  3.7 6.7 6 1  3.2 5.4 4 1  3.8 6.6 6 1  4.1 6.6 5 1  3.6 5.7 5 1
4.3 7.0 4 1  3.6 6.7 4 0  2.3 4.4 6 1  4.2 7.6 4 0  4.0 6.6 6 0  3.5 5.8 6 1  3.8 6.8 7 1
3.0 4.7 8 0  4.5 7.4 5 1  3.7 7.4 5 1  3.1 6.6 6 1  4.1 8.2 6 1  4.3 7.0 5 1  4.3 6.5 4 1
3.2 5.1 5 1  2.6 4.7 6 1  3.3 6.8 6 0  1.7 4.0 7 0  3.7 6.1 5 1  3.3 6.3 7 1  4.2 7.7 6 1
3.5 6.2 5 1  2.9 5.7 9 0  2.1 4.8 7 1  2.8 6.2 8 0  4.0 7.0 7 1  3.3 5.7 6 1  3.7 6.9 5 1
3.6 6.6 5 1
"""
PATIENTS = np.array(TABLE.split(), dtype=float).reshape(-1, 4)
ALBUMIN, PROTEIN, SCORE = PATIENTS[:, 0], PATIENTS[:, 1], 10 - PATIENTS[:, 2]
BENEFIT = PATIENTS[:, 3]


def tied_scores(seed, n=60):
    """Outcomes and two correlated scores with many ties."""
    rng = np.random.default_rng(seed)
    defaulted = rng.random(n) < 0.4
    base = rng.normal(size=n) + defaulted
    return defaulted, np.round(base + rng.normal(size=n)), np.round(2 * base) / 2


def auc_of_all_pairs(defaulted, score):
    bad, good = score[defaulted][:, None], score[~defaulted][None, :]
    return float(((bad > good) + 0.5 * (bad == good)).mean())


def test_delong_gives_the_example_of_1988_as_sas_does():
    result = discrimination.delong(BENEFIT, [ALBUMIN, SCORE, PROTEIN])
    assert_allclose(result.areas, [0.7366, 0.7258, 0.6478], atol=5e-5)
    assert_allclose(np.sqrt(np.diag(result.covariance)), [0.0927, 0.1028, 0.1000], atol=6e-5)
    interval = discrimination.auc_interval(BENEFIT, ALBUMIN)
    assert_allclose([interval.low, interval.high], [0.5549, 0.9182], atol=5e-5)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (ALBUMIN, [0.0108, 0.0953, -0.1761, 0.1976, 0.0127, 0.9102]),
        (PROTEIN, [-0.0780, 0.1046, -0.2830, 0.1271, 0.5554, 0.4561]),
    ],
    ids=["albumin", "total protein"],
)
def test_paired_test_gives_the_contrasts_of_sas(score, expected):
    result = discrimination.auc_difference(BENEFIT, score, SCORE)
    d = result.difference
    found = [d.value, d.std_error, d.low, d.high, result.statistic**2, result.p_value]
    assert_allclose(found, expected, atol=6e-5)


@pytest.mark.parametrize("seed", range(5))
def test_delong_equals_the_components_over_all_pairs(seed):
    defaulted, *scores = tied_scores(seed)
    bad, good = [], []
    for score in scores:
        wins = np.sign(score[defaulted][:, None] - score[~defaulted][None, :]) / 2 + 0.5
        bad.append(wins.mean(axis=1))
        good.append(wins.mean(axis=0))
    expected = np.cov(bad) / defaulted.sum() + np.cov(good) / (~defaulted).sum()
    result = discrimination.delong(defaulted, scores)
    assert_allclose(result.covariance, expected, rtol=1e-12)
    pairs = [auc_of_all_pairs(defaulted, score) for score in scores]
    assert_allclose(result.areas, pairs, rtol=1e-13)
    assert_allclose([discrimination.auc(defaulted, s) for s in scores], pairs, rtol=1e-13)


def test_delong_variance_equals_the_two_sample_jackknife():
    # Deleting one loan of a class of n gives (n - 1)/n times the sum of squares of the AUCs, which
    # is the variance of the placements over n (DeLong et al. 1988, after Arvesen 1969).
    defaulted, score, _ = tied_scores(11)
    variance = 0.0
    for members in (np.flatnonzero(defaulted), np.flatnonzero(~defaulted)):
        without = [
            auc_of_all_pairs(np.delete(defaulted, row), np.delete(score, row)) for row in members
        ]
        variance += (len(members) - 1) / len(members) * np.sum((without - np.mean(without)) ** 2)
    found = discrimination.delong(defaulted, [score]).covariance[0, 0]
    assert_allclose(found, variance, rtol=1e-10)


def test_interval_covers_the_true_auc():
    # Normal scores one standard deviation apart: AUC = Phi(1/sqrt(2)).
    truth = stats.norm.cdf(np.sqrt(0.5))
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        defaulted = np.arange(200) < 60
        interval = discrimination.auc_interval(defaulted, rng.normal(size=200) + defaulted)
        covered += interval.low <= truth <= interval.high
    assert 0.92 <= covered / 400 <= 0.975


def test_shuffled_labels_give_auc_one_half():
    rng = np.random.default_rng(20)
    score = rng.normal(size=2_000)
    defaulted = rng.permutation(np.arange(2_000) < 300)
    result = discrimination.auc_interval(defaulted, score)
    assert abs(result.value - 0.5) < 2 * result.std_error


def test_equal_scores_do_not_differ():
    defaulted, score, _ = tied_scores(4)
    result = discrimination.auc_difference(defaulted, score, 3 * score + 1)
    assert (result.difference.value, result.statistic, result.p_value) == (0, 0, 1)


def test_difference_without_variance_has_no_p_value():
    defaulted = np.arange(10) < 4
    result = discrimination.auc_difference(defaulted, defaulted * 1.0, np.zeros(10))
    assert result.difference.value == 0.5
    assert np.isnan(result.p_value)


@pytest.mark.parametrize("seed", range(5))
def test_ks_equals_scipy(seed):
    defaulted, score, _ = tied_scores(seed)
    expected = stats.ks_2samp(score[defaulted], score[~defaulted])
    found = discrimination.kolmogorov_smirnov(defaulted, score)
    assert_allclose(found.statistic, expected.statistic, rtol=1e-12)
    at = [(score[group] <= found.threshold).mean() for group in (defaulted, ~defaulted)]
    assert_allclose(abs(at[0] - at[1]), found.statistic, rtol=1e-12)


def test_accuracy_is_reported_beside_the_majority_class():
    # Predicted: 1 1 0 0 0; correct: rows 0, 2, 3 of five; four of five loans were paid.
    result = discrimination.accuracy([1, 0, 0, 0, 0], [0.5, 0.7, 0.2, 0.1, 0.3])
    assert (result.accuracy, result.majority) == (0.8, 0.8)
    assert (result.sensitivity, result.specificity) == (1.0, 0.75)
    nobody = discrimination.accuracy([0, 0], [0.1, 0.2])
    assert (nobody.accuracy, nobody.majority) == (1.0, 1.0)
    assert np.isnan(nobody.sensitivity)


@pytest.mark.parametrize(
    ("defaulted", "score", "message"),
    [
        ([0, 0], [1, 2], "All 2 loans were paid"),
        ([1, 1], [1, 2], "All 2 loans defaulted"),
        ([1, 0, 2], [1, 2, 3], r"Outcome 2 \(row 2\)"),
        ([1, 0, np.nan], [1, 2, 3], r"Outcome nan \(row 2\)"),
        ([1, 0], [1, np.inf], r"The score is inf \(row 1\)"),
        ([1, 0], [np.nan, 1], r"The score is nan \(row 0\)"),
        ([1, 0], [1, 2, 3], r"shape \(3,\); expected \(2,\)"),
        ([], [], "at least one row"),
    ],
)
def test_bad_input_is_named(defaulted, score, message):
    for function in (discrimination.auc, discrimination.kolmogorov_smirnov):
        with pytest.raises(ValueError, match=message):
            function(defaulted, score)


def test_variance_needs_two_loans_of_each_outcome():
    with pytest.raises(ValueError, match="1 defaulted and 3 paid"):
        discrimination.delong([1, 0, 0, 0], [[1, 2, 3, 4]])

"""Calibration against computation by hand, statsmodels's Logit, scipy's optimiser and theory."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize, stats
from scipy.special import expit, logit
from statsmodels.discrete.discrete_model import Logit

from credit_indices.stats.credit import calibration

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")


def calibrated(seed, n=4_000):
    rng = np.random.default_rng(seed)
    p = expit(rng.normal(-1, 1, n))
    return rng.random(n) < p, p


def test_brier_score_and_decomposition_by_hand():
    # (0.2 - 0)^2 + (0.2 - 1)^2 + 2 (0.8 - 1)^2 = 0.04 + 0.64 + 0.08 = 0.76; 0.76 / 4 = 0.19
    # reliability (2 (0.2 - 0.5)^2 + 2 (0.8 - 1)^2) / 4 = 0.065
    # resolution (2 (0.5 - 0.75)^2 + 2 (1 - 0.75)^2) / 4 = 0.0625; uncertainty 0.75 * 0.25 = 0.1875
    result = calibration.brier([0, 1, 1, 1], [0.2, 0.2, 0.8, 0.8])
    assert_allclose(
        [result.score, result.reliability, result.resolution, result.uncertainty],
        [0.19, 0.065, 0.0625, 0.1875],
        rtol=1e-12,
    )
    assert abs(result.within) < 1e-15


def test_brier_score_of_a_constant_is_the_uncertainty():
    result = calibration.brier([0, 0, 0, 1], [0.25] * 4)
    assert (result.score, result.uncertainty, result.reliability) == (0.1875, 0.1875, 0)


def test_brier_parts_add_up_for_continuous_probabilities():
    # Stephenson, Coelho & Jolliffe (2008): within = within-bin variance - 2 within-bin covariance.
    defaulted, p = calibrated(1)
    result = calibration.brier(defaulted, p, n_bins=7)
    bins = np.searchsorted(calibration.quantile_edges(p, 7), p, side="left")
    within = 0.0
    for number in range(7):
        q, y = p[bins == number], defaulted[bins == number].astype(float)
        within += np.sum((q - q.mean()) ** 2) - 2 * np.sum((q - q.mean()) * (y - y.mean()))
    assert_allclose(result.within, within / p.size, rtol=1e-9)


def test_grouped_data_at_their_own_rates_are_calibrated():
    # 10 loans at 20 %, 2 of which defaulted; 4 at 75 %, 3 of which defaulted.
    defaulted = [1] * 2 + [0] * 8 + [1] * 3 + [0]
    result = calibration.recalibration(defaulted, [0.2] * 10 + [0.75] * 4)
    found = [result.slope.value, result.intercept.value, result.in_the_large.value]
    assert_allclose(found, [1, 0, 0], atol=1e-9)


def test_calibrated_probabilities_have_slope_1_and_intercept_0():
    inside = [0, 0, 0]
    for seed in range(60):
        result = calibration.recalibration(*calibrated(seed, 1_000))
        for k, (part, truth) in enumerate(
            [(result.slope, 1), (result.intercept, 0), (result.in_the_large, 0)]
        ):
            inside[k] += part.low <= truth <= part.high
    assert min(inside) >= 52  # of 60 intervals of 95 %: below 52 in 1 of 100 runs


def test_recalibration_equals_logit_and_recovers_a_distortion():
    defaulted, p = calibrated(2, 50_000)
    result = calibration.recalibration(defaulted, expit(2 * logit(p) + 0.6))
    # logit(p) = (logit(q) - 0.6)/2 for the distorted q: slope 1/2, intercept -0.3
    assert abs(result.slope.value - 0.5) < 4 * result.slope.std_error
    assert abs(result.intercept.value + 0.3) < 4 * result.intercept.std_error
    regressors = np.column_stack([np.ones(p.size), 2 * logit(p) + 0.6])
    fit = Logit(defaulted.astype(float), regressors).fit(disp=0)
    parts = (result.intercept, result.slope)
    assert_allclose([part.value for part in parts], fit.params, rtol=1e-7)
    assert_allclose([part.std_error for part in parts], fit.bse, rtol=1e-7)


def test_platt_equals_a_direct_maximisation():
    defaulted, p = calibrated(3, 400)
    margin = 3 * logit(p) + 2
    bad, good = defaulted.sum(), (~defaulted).sum()
    target = np.where(defaulted, (bad + 1) / (bad + 2), 1 / (good + 2))

    def loss(parameters):
        eta = parameters[0] + parameters[1] * margin
        return np.sum(np.logaddexp(0, eta) - target * eta)

    expected = optimize.minimize(loss, [0, 0.1], method="BFGS", tol=1e-10).x
    found = calibration.fit_platt(defaulted, margin)
    assert_allclose([found.intercept, found.slope], expected, rtol=1e-4)
    assert_allclose(found.apply([0.5]), expit(found.intercept + 0.5 * found.slope))


def test_platt_is_finite_under_separation():
    found = calibration.fit_platt([0, 0, 0, 1, 1], [1, 2, 3, 4, 5])
    assert np.isfinite(found.slope)
    assert 0 < found.apply([-1e3])[0] < found.apply([1e3])[0] < 1


def test_isotonic_by_hand():
    # Scores 1 1 2 3 4 with outcomes 0 0 1 0 1: score 1 has rate 0; 2 and 3 violate and pool to 1/2.
    # Pure blocks: 0 of 2 becomes 0.5/3, 1 of 1 becomes 1 - 0.5/2.
    found = calibration.fit_isotonic([1, 0, 0, 1, 0], [2, 1, 3, 4, 1])
    assert_allclose(found.apply([1, 2, 3, 4]), [1 / 6, 1 / 2, 1 / 2, 3 / 4])
    assert_allclose(found.apply([0, 1.5, 2.5, 9]), [1 / 6, 1 / 3, 1 / 2, 3 / 4])


@pytest.mark.parametrize("seed", range(5))
def test_isotonic_is_monotone_and_never_certain(seed):
    rng = np.random.default_rng(seed)
    score = np.round(rng.normal(size=80), 1)
    defaulted = rng.random(80) < expit(3 * score)
    found = calibration.fit_isotonic(defaulted, score)
    p = found.apply(np.linspace(-4, 4, 200))
    assert (np.diff(p) >= 0).all()
    assert 0 < p.min() < p.max() < 1
    order = rng.permutation(80)
    again = calibration.fit_isotonic(defaulted[order], score[order])
    assert (again.probabilities == found.probabilities).all()
    calibration.recalibration(defaulted, found.apply(score))


def test_calibration_on_its_own_slice_repairs_overconfidence():
    defaulted, p = calibrated(5, 12_000)
    margin = 2.5 * logit(p) - 1
    own, held_out = np.arange(12_000) < 6_000, np.arange(12_000) >= 6_000
    before = calibration.recalibration(defaulted[held_out], expit(margin[held_out]))
    assert before.slope.high < 0.5
    for fit in (calibration.fit_platt, calibration.fit_isotonic):
        fitted = fit(defaulted[own], margin[own])
        after = calibration.recalibration(defaulted[held_out], fitted.apply(margin[held_out]))
        assert abs(after.slope.value - 1) < 0.1
        assert abs(after.in_the_large.value) < 0.1


def test_stability_index_by_hand():
    # Quartiles of 1 to 8: edges 2, 4, 6; shares 1/4 each. The second sample: 4, 2, 1, 1 of 8.
    # (1/2 - 1/4) ln 2 + 0 + 2 (1/8 - 1/4) ln(1/2) = 0.25 ln 2 + 0.25 ln 2 = 0.5 ln 2
    found = calibration.stability(range(1, 9), [0, 1, 1, 2, 3, 4, 6, 7], n_bins=4)
    assert list(found.edges) == [2, 4, 6]
    assert_allclose(found.psi, 0.5 * np.log(2), rtol=1e-12)
    assert_allclose(found.by_chance, 3 * (1 / 8 + 1 / 8))


def test_stability_index_counts_missing_values_and_empty_bins():
    # Bins (., 1], (1, .), missing: shares 1/2, 1/2, 0 -> 1/2 count = 1/8; 1/4, 1/2, 1/4.
    found = calibration.stability([1, 1, 2, 2], [1, 2, 2, np.nan], n_bins=2)
    assert_allclose(found.psi, -0.25 * np.log(0.5) + 0.125 * np.log(2), rtol=1e-12)
    assert list(found.actual) == [0.25, 0.5, 0.25]
    assert calibration.stability([1, 2], [1, 2]).psi == 0


def test_stability_index_of_one_population_is_that_by_chance():
    rng = np.random.default_rng(8)
    found = [calibration.stability(*rng.normal(size=(2, 2_000))) for _ in range(200)]
    # B = 10: the index times 1/(1/n + 1/m) is about chi-squared with 9 degrees of freedom.
    mean = np.mean([each.psi for each in found])
    assert_allclose(mean, found[0].by_chance, rtol=0.12)
    above = np.mean([each.psi > stats.chi2.ppf(0.95, 9) / 1_000 for each in found])
    assert above < 0.12


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: calibration.brier([0, 1], [0.1, 1.2]), r"probability is 1.2 \(row 1\)"),
        (lambda: calibration.recalibration([0, 1], [0.1, 1]), r"probability is 1.0 \(row 1\)"),
        (lambda: calibration.recalibration([0, 1], [0.5, 0.5]), "All probabilities are 0.5"),
        (lambda: calibration.recalibration([0, 0], [0.5, 0.4]), "All 2 loans were paid"),
        (lambda: calibration.recalibration([0, 1], [0.1, 0.9]), "The probability separates"),
        (lambda: calibration.fit_platt([0, 1], [2, 2]), "All scores are equal"),
        (lambda: calibration.stability([1, np.inf], [1]), r"first sample has inf \(row 1\)"),
        (lambda: calibration.stability([1], []), "second sample has shape"),
        (lambda: calibration.stability([np.nan], [1]), "All values of the first sample"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()

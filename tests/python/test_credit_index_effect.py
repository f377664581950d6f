"""Effect of an index against statsmodels; size of its test with 31 provinces."""

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose
from statsmodels.stats.sandwich_covariance import cov_cluster

from credit_indices.stats.credit.index_effect import index_effect
from credit_indices.stats.credit.regression import expit

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

SIMULATIONS = 400


def loans(rng, effect=0.0, shock=0.5, n_provinces=31, n=1_500):
    """Provinces of unequal size with a shock of their own; the index is constant within one."""
    sizes = rng.dirichlet(np.full(n_provinces, 3.0))
    province = np.append(np.arange(n_provinces), rng.choice(n_provinces, n - n_provinces, p=sizes))
    index, shocks = rng.normal(size=(2, n_provinces))
    margin = rng.normal(size=n) - 1
    log_odds = margin + effect * index[province] + shock * shocks[province]
    return rng.random(n) < expit(log_odds), margin, index[province], province


def test_result_equals_statsmodels():
    y, margin, index, province = loans(np.random.default_rng(0), effect=0.5)
    found = index_effect(y, margin, index, province)
    score = (index - index.mean()) / index.std()
    x = np.column_stack([np.ones(y.size), margin, score])
    fit = sm.Logit(y, x).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": province}, use_t=True, tol=1e-10
    )
    assert_allclose(found.coefficient, fit.params[2], rtol=1e-6)
    assert_allclose(found.std_error, fit.bse[2], rtol=1e-6)
    assert_allclose(found.p_value, fit.pvalues[2], rtol=1e-4)
    assert_allclose([found.ci_low, found.ci_high], fit.conf_int()[2], rtol=1e-5)
    assert (found.df, found.n_clusters, found.n_loans) == (30, 31, 1_500)
    plain = sm.Logit(y, x).fit(disp=0, tol=1e-10)
    assert_allclose(found.std_error, np.sqrt(cov_cluster(plain, province)[2, 2]), rtol=1e-6)


def test_jackknife_is_close_to_leaving_provinces_out():
    y, margin, index, province = loans(np.random.default_rng(6), effect=0.5, n=6_000)
    x = np.column_stack([np.ones(y.size), margin, (index - index.mean()) / index.std()])
    every = sm.Logit(y, x).fit(disp=0).params
    without = [
        sm.Logit(y[province != each], x[province != each]).fit(disp=0).params - every
        for each in range(31)
    ]
    expected = np.sqrt(30 / 31 * np.sum(np.square(without), axis=0)[2])
    found = index_effect(y, margin, index, province)
    assert_allclose(found.jackknife_std_error, expected, rtol=0.02)


def test_planted_effect_is_recovered():
    y, margin, index, province = loans(np.random.default_rng(1), effect=0.8, n=20_000)
    found = index_effect(y, margin, index, province)
    assert found.ci_low < 0.8 * index.std() < found.ci_high
    assert found.p_value < 1e-4


def test_size_with_31_provinces():
    rng = np.random.default_rng(2)
    rejected = {"cr1": 0, "jackknife": 0, "independent": 0}
    for _ in range(SIMULATIONS):
        y, margin, index, province = loans(rng)
        found = index_effect(y, margin, index, province)
        rejected["cr1"] += found.p_value < 0.05
        rejected["jackknife"] += found.jackknife_p_value < 0.05
        x = np.column_stack([np.ones(y.size), margin, index])
        rejected["independent"] += sm.Logit(y, x).fit(disp=0).pvalues[2] < 0.05
    # Seen: CR1 39 of 400 (9.8 %), jackknife 26 (6.5 %), independent errors 135 (34 %).
    assert 0.05 < rejected["cr1"] / SIMULATIONS < 0.12
    assert 0.02 < rejected["jackknife"] / SIMULATIONS < 0.08
    assert rejected["independent"] / SIMULATIONS > 0.2


def test_few_provinces_have_no_test():
    y, margin, index, province = loans(np.random.default_rng(3), n_provinces=9)
    found = index_effect(y, margin, index, province)
    assert "9 provinces; expected at least 10" in found.note
    assert (found.coefficient, found.p_value, found.df) == (None, None, None)


def test_equal_scores_have_no_test():
    y, margin, _, province = loans(np.random.default_rng(4))
    found = index_effect(y, margin, np.full(y.size, 0.1), province)
    assert "does not vary between provinces" in found.note
    # Within provinces only: the years -1 and 1, equally often.
    index = np.empty(y.size)
    for each in range(31):
        rows = np.flatnonzero(province == each)
        index[rows] = np.resize([-1.0, 1.0], rows.size)
        index[rows[-1]] = 0.0 if rows.size % 2 else index[rows[-1]]
    assert "does not vary" in index_effect(y, margin, index, province).note


def test_index_of_one_province_alone_has_no_jackknife():
    y, margin, _, province = loans(np.random.default_rng(7))
    found = index_effect(y, margin, 1.0 * (province == province[-1]), province)
    assert found.std_error > 0
    assert (found.jackknife_std_error, found.jackknife_p_value) == (None, None)


def test_bad_input_is_named():
    y, margin, index, province = loans(np.random.default_rng(5))
    with pytest.raises(ValueError, match="linear function"):
        index_effect(y, index, 3 * index + 1, province)
    with pytest.raises(ValueError, match="linear function"):
        index_effect(y, np.full(y.size, 0.1), index, province)
    with pytest.raises(ValueError, match="no province"):
        index_effect(y, margin, index, np.where(province == 3, -1, province))
    with pytest.raises(ValueError, match="level of an interval is 95"):
        index_effect(y, margin, index, province, level=95)

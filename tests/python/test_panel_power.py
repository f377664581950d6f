"""Power and minimum detectable effects, against statsmodels, Bloom's multiplier and simulation."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from credit_indices.stats.panel.power import minimum_detectable_effect, power


def statsmodels_power(effect: float, error: float, df: int) -> float:
    """The power by statsmodels, whose effect size is noncentrality / sqrt(df + 1)."""
    size = effect / error / np.sqrt(df + 1)
    return TTestPower().power(effect_size=size, nobs=df + 1, alpha=0.05)


@pytest.mark.parametrize("df", [3, 10, 30, 265, 100_000])
@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95])
def test_the_effect_is_that_of_statsmodels(df, wanted):
    found = minimum_detectable_effect(0.3, df, power=wanted)
    assert statsmodels_power(found, 0.3, df) == pytest.approx(wanted, rel=1e-9)
    assert power(found, 0.3, df) == pytest.approx(wanted, rel=1e-9)
    assert power(-found, 0.3, df) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("df", [1, 5, 30])
def test_simulated_rejection_rate_equals_the_power(df):
    generator = np.random.default_rng(5)
    draws = 400_000
    effect = minimum_detectable_effect(2.0, df)
    estimates = generator.normal(effect, 2.0, draws)
    errors = 2.0 * np.sqrt(generator.chisquare(df, draws) / df)
    rejected = np.abs(estimates / errors) > stats.t.ppf(0.975, df)
    assert rejected.mean() == pytest.approx(0.8, abs=4 * np.sqrt(0.8 * 0.2 / draws))


def test_blooms_multiplier_is_close_with_30_df():
    # Bloom (1995), Table 1: about 2.8 standard errors, a little more with few degrees of freedom.
    assert minimum_detectable_effect(1.0, 10**6) == pytest.approx(2.80, abs=0.005)
    assert minimum_detectable_effect(1.0, 30) == pytest.approx(
        stats.t.ppf(0.975, 30) + stats.t.ppf(0.8, 30), rel=1e-3
    )


def test_a_missing_error_gives_a_missing_effect():
    assert np.isnan(minimum_detectable_effect(np.nan, 30))


def test_every_estimate_has_a_minimum_detectable_effect(shipped):
    rows = shipped.query(
        "select spec_code, std_error, std_error_cr3, df, minimum_detectable_effect "
        "from marts.panel_estimates where std_error is not null"
    )
    assert len(rows) > 50
    for spec, cr1, cr3, df, found in rows:
        error = cr1 if cr3 is None else cr3
        assert statsmodels_power(found, error, df) == pytest.approx(0.8, rel=1e-9), spec

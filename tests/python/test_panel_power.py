"""Power and minimum detectable effects, against statsmodels, Bloom's multiplier and simulation."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from credit_indices.panel.power import minimum_detectable_effect, power


@pytest.mark.parametrize("df", [3, 10, 30, 265, 1000])
@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95])
def test_the_effect_is_that_of_statsmodels(df, wanted):
    # Its effect size is in standard deviations: noncentrality = effect size x sqrt(df + 1).
    size = TTestPower().solve_power(nobs=df + 1, alpha=0.05, power=wanted)
    found = minimum_detectable_effect(0.3, df, power=wanted)
    assert found == pytest.approx(0.3 * size * np.sqrt(df + 1), rel=1e-5)
    assert power(found, 0.3, df) == pytest.approx(wanted, rel=1e-9)
    assert power(-found, 0.3, df) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("df", [1, 5, 30])
def test_simulated_t_statistics_reject_as_often_as_asked_for(df):
    generator = np.random.default_rng(5)
    draws = 400_000
    effect = minimum_detectable_effect(2.0, df)
    estimates = generator.normal(effect, 2.0, draws)
    errors = 2.0 * np.sqrt(generator.chisquare(df, draws) / df)
    rejected = np.abs(estimates / errors) > stats.t.ppf(0.975, df)
    assert rejected.mean() == pytest.approx(0.8, abs=4 * np.sqrt(0.8 * 0.2 / draws))


def test_blooms_multiplier_is_close_with_thirty_degrees_of_freedom():
    # Bloom (1995), Table 1: about 2.8 standard errors, a little more with few degrees of freedom.
    assert minimum_detectable_effect(1.0, 10**6) == pytest.approx(2.80, abs=0.005)
    assert minimum_detectable_effect(1.0, 30) == pytest.approx(
        stats.t.ppf(0.975, 30) + stats.t.ppf(0.8, 30), rel=1e-3
    )


def test_a_missing_error_gives_a_missing_effect():
    assert np.isnan(minimum_detectable_effect(np.nan, 30))


def test_every_estimate_says_what_its_regression_could_have_found(shipped):
    rows = shipped.query(
        "select spec_code, std_error, std_error_cr3, df, minimum_detectable_effect "
        "from marts.panel_estimates where std_error is not null"
    )
    assert len(rows) > 50
    sizes = {
        df: TTestPower().solve_power(nobs=df + 1, alpha=0.05, power=0.8) * np.sqrt(df + 1)
        for df in {row[3] for row in rows}
    }
    for spec, cr1, cr3, df, found in rows:
        error = cr1 if cr3 is None else cr3
        assert found == pytest.approx(error * sizes[df], rel=1e-5), spec

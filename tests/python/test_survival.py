"""Cumulative incidence against published examples, statsmodels, hand computation and simulation."""

import numpy as np
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from credit_indices.stats.survival import CENSORED, OUTCOMES, cumulative_incidence, survival_table

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")


def by_time(time, status, k):
    """Count subjects at risk and outcomes 1 to k at the distinct times with an outcome."""
    time, status = np.asarray(time), np.asarray(status)
    times = np.unique(time[status > 0])
    at_risk = [(time >= t).sum() for t in times]
    events = [[((time == t) & (status == code)).sum() for t in times] for code in range(1, k + 1)]
    return times, at_risk, events


# 18 subjects: estimates of cuminc (R, package cmprsk), standard errors of stcompet (Stata), listed
# in the test test_incidence of statsmodels.
TIME = [1, 1, 2, 4, 4, 4, 6, 6, 7, 8, 9, 9, 9, 1, 2, 2, 4, 4]
STATUS = [1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
CUMINC = [
    [0.11111111, 0.17037037, 0.17037037, 0.17037037, 0.17037037],
    [0, 0, 0.20740741, 0.20740741, 0.20740741],
    [0, 0, 0, 0.17777778, 0.26666667],
]
STCOMPET = [
    [0.07407407, 0.08976251, 0.08976251, 0.08976251, 0.08976251],
    [0, 0, 0.10610391, 0.10610391, 0.10610391],
    [0, 0, 0, 0.11196147, 0.12787781],
]


def test_estimates_are_those_of_cmprsk_and_stata():
    times, at_risk, events = by_time(TIME, STATUS, 3)
    assert times.tolist() == [1, 2, 4, 6, 7]
    found = cumulative_incidence(at_risk, events)
    assert_allclose(found.incidence, CUMINC, atol=5e-9)
    assert_allclose(found.std_error, STCOMPET, atol=5e-9)


# Weeks of remission of 21 patients under 6-MP (Freireich et al. 1963): Kaplan-Meier estimates and
# Greenwood's standard errors, Klein & Moeschberger (2003), Table 4.1, and Cox & Oakes (1984).
REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [1] * 9 + [0] * 12
SURVIVAL = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
GREENWOOD = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]


def test_single_outcome_is_kaplan_meier_of_6_mp():
    times, at_risk, events = by_time(REMISSION, RELAPSED, 1)
    assert times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    found = cumulative_incidence(at_risk, events)
    assert_allclose(1 - found.incidence[0], SURVIVAL, atol=5e-4)
    assert_allclose(1 - found.km[0], SURVIVAL, atol=5e-4)
    assert_allclose(found.std_error[0], GREENWOOD, atol=5e-5)


def test_interval_of_four_subjects_by_hand():
    # At risk 4, then 2: one red (1/4), one closure; later one red of 2, after S = 1/2.
    # I = 1/4, then 1/4 + 1/2 * 1/2 = 1/2. KM of red: 1/4, then 1 - 3/4 * 1/2 = 5/8.
    found = cumulative_incidence([4, 2], [[1, 1], [1, 0]])
    assert_allclose(found.incidence, [[0.25, 0.5], [0.25, 0.25]])
    assert_allclose(found.km, [[0.25, 0.625], [0.25, 0.25]])
    # First day: binomial, 1/4 * 3/4 / 4 = 3/64. Bounds: exp(-exp(ln(-ln I) -+ 1.96 se / (I ln I))).
    se = np.sqrt(3 / 64)
    assert_allclose(found.std_error[:, 0], [se, se])
    width = 1.959964 * se / (0.25 * np.log(4))
    bounds = np.exp(-np.exp(np.log(np.log(4)) + width * np.array([1, -1])))
    assert_allclose([found.ci_low[0, 0], found.ci_high[0, 0]], bounds, rtol=1e-6)
    assert_allclose(bounds, [0.012, 0.665], atol=5e-3)


@pytest.mark.parametrize("seed", range(20))
def test_estimates_equal_statsmodels(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 300))
    time, status = rng.integers(1, 60, n), rng.integers(0, 4, n)
    status[time == time.max()] = 0  # statsmodels has no error if nobody is left
    status[0] = 3
    times, at_risk, events = by_time(time, status, 3)
    found = cumulative_incidence(at_risk, events)
    theirs = CumIncidenceRight(time, status)
    places = np.searchsorted(theirs.times, times)
    for k in range(3):
        assert_allclose(found.incidence[k], theirs.cinc[k][places], atol=1e-12)
        assert_allclose(found.std_error[k], theirs.cinc_se[k][places], atol=1e-7)
        km = SurvfuncRight(time, (status == k + 1).astype(int))
        ours = found.km[k][np.isin(times, km.surv_times)]
        assert_allclose(ours, 1 - km.surv_prob, atol=1e-12)


def test_without_censoring_shares_are_binomial():
    rng = np.random.default_rng(3)
    n = 40
    time, status = rng.integers(1, 10, n), rng.integers(1, 4, n)
    times, at_risk, events = by_time(time, status, 3)
    found = cumulative_incidence(at_risk, events)
    for k in range(3):
        share = np.array([((status == k + 1) & (time <= t)).mean() for t in times])
        assert_allclose(found.incidence[k], share, atol=1e-12)
        # Also on the last day, after which nobody is left.
        assert_allclose(found.std_error[k] ** 2, share * (1 - share) / n, atol=1e-12)
        assert (found.km[k] >= found.incidence[k] - 1e-12).all()


def test_interval_covers_a_known_incidence():
    # Red at rate 1/150 and closure at 1/100 a day; follow-up is uniform over a year. The
    # probability of red by day 90 is (1/150) / (1/60) * (1 - exp(-90/60)) = 0.3107.
    truth = 0.4 * (1 - np.exp(-1.5))
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(400):
        ends = np.ceil(rng.exponential(60, 120))
        kind = np.where(rng.random(120) < 0.4, 1, 3)
        followed = np.floor(rng.uniform(0, 365, 120))
        status = np.where(ends <= followed, kind, 0)
        times, at_risk, events = by_time(np.minimum(ends, followed), status, 3)
        found = cumulative_incidence(at_risk, events)
        place = np.searchsorted(times, 90, side="right") - 1
        covered += found.ci_low[0, place] <= truth <= found.ci_high[0, place]
    assert 0.93 <= covered / 400 <= 0.97


def test_days_without_subjects_are_refused():
    with pytest.raises(ValueError, match="n_at_risk is 0 and n_events 0 on day number 1"):
        cumulative_incidence([2, 0], [[1, 0]])
    with pytest.raises(ValueError, match="n_at_risk is 1 and n_events 2 on day number 0"):
        cumulative_incidence([1], [[1], [1]])


def counts(*cells):
    names = ("outcome", "day", "warnings")
    group = {"from_level": "yellow", "grouping_code": "all", "group_name": "all"}
    return pa.Table.from_pylist([group | dict(zip(names, cell, strict=True)) for cell in cells])


def rows_of(table, outcome):
    names = ("day", "n_at_risk", "n_events", "incidence", "km")
    return [
        tuple(row[name] for name in names) for row in table.to_pylist() if row["outcome"] == outcome
    ]


def test_table_stops_where_nobody_is_followed():
    # Of 4, one is red on day 10; three are followed for 20 days.
    table = survival_table(counts(("red", 10, 1), (CENSORED, 20, 3), (CENSORED, 90, 0)))
    assert rows_of(table, "red") == [
        (0, 4, 0, 0.0, 0.0),
        (10, 4, 1, 0.25, 0.25),
        (20, 3, 0, 0.25, 0.25),
        (90, 0, 0, None, None),
    ]
    assert {row["outcome"] for row in table.to_pylist()} == set(OUTCOMES)
    assert rows_of(survival_table(counts((CENSORED, 20, 3), (CENSORED, 90, 0))), "red") == [
        (0, 3, 0, 0.0, 0.0),
        (20, 3, 0, 0.0, 0.0),
        (90, 0, 0, None, None),
    ]


def test_table_goes_on_if_all_warnings_ended():
    table = survival_table(counts(("red", 10, 1), ("closure", 30, 1), (CENSORED, 90, 0)))
    assert rows_of(table, "red")[-1] == (90, 0, 0, 0.5, None)
    assert rows_of(table, "closure")[-1] == (90, 0, 0, 0.5, 1.0)


def test_unknown_outcomes_are_refused():
    with pytest.raises(ValueError, match="outcome is 'lost'; expected one of red, repair, closure"):
        survival_table(counts(("lost", 3, 1)))

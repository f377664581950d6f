"""Cost thresholds against all thresholds, theory and repeated rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from credit_indices.stats.credit import bootstrap
from credit_indices.stats.credit.cost import Costs, cost_threshold, policies
from credit_indices.stats.credit.regression import expit

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")


def cost_of(defaulted, probability, amount, costs, threshold):
    """Sum over single loans."""
    total = 0.0
    for bad, p, money in zip(defaulted, probability, amount, strict=True):
        if bad and p <= threshold:
            total += money * costs.loss_given_default
        if not bad and p > threshold:
            total += money * costs.margin
    return total


def loans(seed, n=60, digits=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    defaulted = rng.random(n) < expit(x - 1)
    return defaulted, np.round(expit(x - 1), digits), rng.lognormal(3, 1, n)


def test_costs_of_four_loans_by_hand():
    # Above .35: loans 3 and 4. Accepted default (2): 20 * .5 = 10; refused paid (4): 40 * .1 = 4.
    data = ([0, 1, 1, 0], [0.1, 0.3, 0.6, 0.4], [10.0, 20.0, 30.0, 40.0])
    costs = Costs(loss_given_default=0.5, margin=0.1)
    found = {each.policy: each for each in policies(*data, [-1] * 4, costs, 0.35, draws=9, seed=0)}
    assert_allclose(found["chosen_threshold"].cost, 14)
    assert_allclose(found["chosen_threshold"].cost_per_amount, 0.14)
    assert found["chosen_threshold"].approval_rate == 0.5
    assert_allclose(found["approve_all"].cost, 25)
    assert_allclose(found["refuse_all"].cost, 5)
    assert_allclose(found["theoretical_threshold"].threshold, 1 / 6)
    assert_allclose(found["theoretical_threshold"].cost, 4)


@pytest.mark.parametrize("seed", range(12))
def test_no_threshold_costs_less_and_ties_refuse_the_fewest(seed):
    data = loans(seed)
    costs = Costs(0.45, [0.05, 0.3, 5.0][seed % 3])
    found = cost_threshold(*data, costs)
    grid = np.linspace(0, 1, 201)
    every = np.array([cost_of(*data, costs, threshold) for threshold in grid])
    assert_allclose(cost_of(*data, costs, found), every.min())
    cheapest = grid[np.isclose(every, every.min())]
    refused = (data[1] > found).sum()
    assert refused == min((data[1] > threshold).sum() for threshold in cheapest)


def test_calibrated_probabilities_have_the_theoretical_threshold():
    rng = np.random.default_rng(3)
    p = rng.beta(2, 6, 200_000)
    defaulted, amount = rng.random(p.size) < p, rng.lognormal(0, 0.5, p.size)
    costs = Costs(0.45, 0.15)
    found = cost_threshold(defaulted, p, amount, costs)
    assert costs.theoretical_threshold == 0.25
    assert abs(found - 0.25) < 0.02
    by_name = {
        each.policy: each
        for each in policies(
            defaulted, p, amount, np.full(p.size, -1), costs, found, draws=5, seed=1
        )
    }
    assert by_name["chosen_threshold"].cost < by_name["approve_all"].cost
    assert by_name["chosen_threshold"].cost < by_name["refuse_all"].cost


def test_extreme_thresholds_approve_or_refuse_all():
    assert cost_threshold([0, 0, 1], [0.5, 0.9, 0.2], [1, 1, 1], Costs(0.01, 10)) == 1
    refuse = cost_threshold([1, 1, 0], [0.5, 0.2, 0.9], [1, 1, 1], Costs(1, 0.01))
    assert refuse < 0.2
    # A loan with probability 0 is never refused.
    assert cost_threshold([1, 1, 0], [0.5, 0.0, 0.9], [1, 1, 1], Costs(1, 0.01)) == 0.25


def test_bootstrap_of_the_cost_equals_repeated_rows():
    data = loans(4)
    clusters = np.arange(60) // 4
    costs = Costs(0.5, 0.1)
    found = policies(*data, clusters, costs, 0.35, draws=40, seed=5)[0]
    drawn = []
    for counts in bootstrap.multiplicities(15, 40, 5):
        rows = np.repeat(np.arange(60), counts[clusters].astype(int))
        part = [column[rows] for column in data]
        drawn.append(cost_of(*part, costs, 0.35) / part[2].sum())
    assert_allclose([found.bootstrap_low, found.bootstrap_high], np.quantile(drawn, [0.025, 0.975]))


@pytest.mark.parametrize(
    ("loss", "margin", "message"),
    [
        (0, 0.1, "loss_given_default is 0"),
        (1.1, 0.1, "loss_given_default is 1.1"),
        (0.5, 0, "margin is 0"),
        (0.5, np.inf, "margin is inf"),
        (0.5, np.nan, "margin is nan"),
    ],
)
def test_impossible_costs_are_refused(loss, margin, message):
    with pytest.raises(ValueError, match=message):
        Costs(loss, margin)


def test_bad_amounts_and_thresholds_are_named():
    with pytest.raises(ValueError, match="amount of row 1 is not above 0"):
        cost_threshold([0, 1], [0.1, 0.2], [1.0, 0.0], Costs(0.5, 0.1))
    with pytest.raises(ValueError, match=r"threshold is 1\.5"):
        policies([0, 1], [0.1, 0.2], [1, 1], [-1, -1], Costs(0.5, 0.1), 1.5, draws=9, seed=0)

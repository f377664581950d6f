"""Bounds over refused applications against all their outcomes."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import accuracy_score, roc_auc_score

from credit_indices.stats.credit.refused import reject_bounds

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")


@pytest.mark.parametrize("seed", range(6))
def test_bounds_equal_the_extremes_over_all_outcomes(seed):
    rng = np.random.default_rng(seed)
    y = np.append([True, False], rng.random(8) < 0.3)
    p, refused = np.round(rng.random(10), 1), np.round(0.3 + 0.7 * rng.random(7), 1)
    threshold = [0.5, 0.3][seed % 2]
    scores = np.concatenate([p, refused])
    every = {"default_rate": [], "accuracy": [], "auc": []}
    for outcomes in product([False, True], repeat=7):
        all_of = np.concatenate([y, outcomes])
        every["default_rate"].append(all_of.mean())
        every["accuracy"].append(accuracy_score(all_of, scores >= threshold))
        every["auc"].append(roc_auc_score(all_of, scores))
    for bound in reject_bounds(y, p, refused, threshold):
        values = every[bound.metric]
        assert_allclose([bound.low, bound.high], [min(values), max(values)], rtol=1e-12)


def test_without_refused_applications_bounds_are_the_value():
    for bound in reject_bounds([0, 1, 0, 1], [0.1, 0.4, 0.6, 0.9], []):
        assert bound.low == bound.high == bound.of_accepted


def test_many_applications_are_fast_and_ordered():
    rng = np.random.default_rng(0)
    y, p = rng.random(300_000) < 0.1, rng.random(300_000)
    for bound in reject_bounds(y, p, rng.random(300_000)):
        assert 0 <= bound.low < bound.of_accepted < bound.high <= 1


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="All 2 loans were paid"):
        reject_bounds([0, 0], [0.1, 0.2], [0.3])
    with pytest.raises(ValueError, match="expected 0 to 1"):
        reject_bounds([0, 1], [0.1, 0.2], [1.3])

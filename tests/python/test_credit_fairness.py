"""Metrics by group against scikit-learn and repeated rows; suppression of small groups."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import confusion_matrix, roc_auc_score

from credit_indices.stats.credit import bootstrap
from credit_indices.stats.credit.fairness import by_group
from credit_indices.stats.credit.regression import expit

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

DRAWS, SEED, THRESHOLD = 40, 3, 0.4


def loans(seed, n=600):
    """Enterprises have loans in several groups."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    defaulted = rng.random(n) < expit(x - 0.5)
    groups = rng.choice(["north", "south", "west"], n)
    return defaulted, np.round(expit(x - 0.3), 2), groups, rng.permutation(n) % 150


def statistics(y, p):
    tn, fp, fn, tp = confusion_matrix(y, p > THRESHOLD, labels=[False, True]).ravel()
    return {
        "n_loans": y.size,
        "n_defaults": y.sum(),
        "default_rate": y.mean(),
        "mean_probability": p.mean(),
        "calibration_error": p.mean() - y.mean(),
        "auc": roc_auc_score(y, p),
        "approval_rate": (tn + fn) / y.size,
        "true_positive_rate": tp / (tp + fn),
        "false_positive_rate": fp / (fp + tn),
    }


def test_metrics_equal_scikit_learn_and_repeated_rows():
    y, p, groups, clusters = loans(1)
    found = by_group(y, p, groups, clusters, THRESHOLD, draws=DRAWS, seed=SEED)
    draws = {name: [] for name in ("north", "south", "west")}
    for counts in bootstrap.multiplicities(150, DRAWS, SEED):
        rows = np.repeat(np.arange(y.size), counts[clusters].astype(int))
        for name, values in draws.items():
            inside = rows[groups[rows] == name]
            values.append(statistics(y[inside], p[inside]))
    for each in found.groups:
        inside = groups == each.group
        expected = statistics(y[inside], p[inside])[each.metric]
        assert_allclose(each.value, expected, atol=1e-12)
        if each.metric.startswith("n_"):
            assert each.bootstrap_low is None
            continue
        values = [sample[each.metric] for sample in draws[each.group]]
        interval = [each.bootstrap_low, each.bootstrap_high]
        assert_allclose(interval, np.quantile(values, [0.025, 0.975]), atol=1e-12)
    for gap in found.gaps:
        values = [
            high[gap.metric] - low[gap.metric]
            for high, low in zip(draws[gap.highest], draws[gap.lowest], strict=True)
        ]
        interval = [gap.bootstrap_low, gap.bootstrap_high]
        assert_allclose(interval, np.quantile(values, [0.025, 0.975]), atol=1e-12)


def test_planted_unfairness_is_the_largest_gap():
    rng = np.random.default_rng(2)
    n = 3_000
    x, groups = rng.normal(size=n), rng.choice(["a", "b", "c"], n)
    defaulted = rng.random(n) < expit(x)
    p = expit(x + 1.5 * (groups == "b"))
    found = by_group(defaulted, p, groups, np.full(n, -1), 0.5, draws=50, seed=1)
    gaps = {each.metric: each for each in found.gaps}
    for metric in ("false_positive_rate", "true_positive_rate", "calibration_error"):
        assert gaps[metric].highest == "b"
        assert gaps[metric].bootstrap_low > 0.05
    assert gaps["approval_rate"].lowest == "b"


def small(counts):
    """Loans of groups with given numbers of defaulted and paid loans."""
    y = np.concatenate([np.repeat([True, False], pair) for pair in counts.values()])
    names = np.repeat(list(counts), [sum(pair) for pair in counts.values()])
    return y, np.linspace(0.1, 0.9, y.size), names, np.full(y.size, -1)


def shown(counts):
    found = by_group(*small(counts), 0.5, draws=9, seed=0)
    for each in found.groups:
        assert (each.value is None) == each.is_suppressed
        assert each.bootstrap_low is None or not each.is_suppressed
    return {each.group: not each.is_suppressed for each in found.groups}, found.gaps


def test_small_groups_are_named_without_values():
    visible, gaps = shown({"a": (4, 90), "b": (90, 4), "c": (5, 5), "d": (50, 50)})
    assert visible == {"a": False, "b": False, "c": True, "d": True}
    assert {gap.highest for gap in gaps} | {gap.lowest for gap in gaps} == {"c", "d"}


def test_single_small_group_hides_the_smallest_other():
    visible, _ = shown({"a": (2, 2), "b": (40, 40), "c": (9, 50)})
    assert visible == {"a": False, "b": True, "c": False}


def test_only_group_is_not_named_if_small():
    assert shown({"a": (2, 2)}) == ({}, [])


def test_two_groups_are_hidden_together():
    assert shown({"a": (2, 2), "b": (40, 40)}) == ({"a": False, "b": False}, [])


def shown_of(groups, defaulted):
    """The groups that are not suppressed, in a sample of these groups and outcomes."""
    found = by_group(
        defaulted, np.full(groups.size, 0.5), groups, np.arange(groups.size), 0.5, draws=9, seed=0
    )
    return {each.group for each in found.groups if not each.is_suppressed}


def test_hidden_loans_cannot_be_found_by_subtraction():
    defaulted = np.tile([True, False], 40)
    groups = np.repeat(np.array(["a", "b", "c", "d"], dtype=object), 20)
    assert shown_of(groups, defaulted) == {"a", "b", "c", "d"}
    groups[:2] = None  # one defaulted and one paid loan without a group
    assert shown_of(groups, defaulted) == {"b", "c", "d"}
    groups[:2], groups[2:4] = "isle", "rock"  # two small groups, two of each outcome together
    assert shown_of(groups, defaulted) == {"b", "c", "d"}


def test_bad_input_is_named():
    y, p, groups, clusters = loans(1)
    with pytest.raises(ValueError, match="No loan has a group"):
        by_group(y[:2], p[:2], [None, None], clusters[:2], 0.5, draws=9, seed=0)
    with pytest.raises(ValueError, match="smallest is 0"):
        by_group(y, p, groups, clusters, 0.5, draws=9, seed=0, smallest=0)
    with pytest.raises(ValueError, match=r"threshold is -0\.1"):
        by_group(y, p, groups, clusters, -0.1, draws=9, seed=0)

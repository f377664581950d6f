"""Gates: censored outcomes, samples that cannot be evaluated, duplicates."""

import numpy as np
import pytest

from credit_indices.stats.credit import gates

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def test_open_and_later_outcomes_are_unknown_not_paid():
    outcome = ["paid", "defaulted", "open", "paid", "defaulted", "paid", None]
    known_at = days("2019-05-01", "2020-12-31", "NaT", "2021-01-01", "2022-01-01", "NaT", "NaT")
    found = gates.known_outcomes(outcome, known_at, "2020-12-31")
    assert found.known.tolist() == [True, True] + [False] * 5
    assert found.defaulted.tolist() == [False, True] + [False] * 5
    assert (found.n_open, found.n_later, found.n_undated, found.n_immature) == (2, 2, 1, 0)
    assert gates.known_outcomes(outcome, known_at, "2020").known.sum() == 2


def test_loans_that_mature_later_do_not_overstate_the_risk():
    # 20 % of the loans default, half-way to maturity; the paid ones are known at maturity.
    n = 10_000
    rng = np.random.default_rng(5)
    decided = np.datetime64("2015-01-01") + rng.integers(0, 5 * 365, n)
    defaulted = rng.random(n) < 0.2
    matures = decided + 730
    known_at = np.where(defaulted, decided + 365, matures)
    outcome = np.where(defaulted, "defaulted", "paid")
    early = gates.known_outcomes(outcome, known_at, "2019-12-31")
    assert early.defaulted[early.known].mean() > 0.24
    found = gates.known_outcomes(outcome, known_at, "2019-12-31", matures)
    assert abs(found.defaulted[found.known].mean() - 0.2) < 0.015
    assert found.n_immature == early.known.sum() - found.known.sum()


def test_unknown_outcome_is_named():
    with pytest.raises(ValueError, match=r"Outcome 'late' \(row 1\) is unknown"):
        gates.known_outcomes(["paid", "late"], days("2020-01-01", "2020-01-01"), "2020-12-31")


@pytest.mark.parametrize(
    ("defaulted", "code", "text"),
    [
        ([0] * 60, "one_class", "Sample test has no defaulted loan among 60"),
        ([1] * 60, "one_class", "Sample test has no paid loan among 60"),
        ([], "one_class", "Sample test has no defaulted loan among 0"),
        (
            [1] * 49 + [0],
            "few_defaults",
            "Sample test has 49 defaulted loans; expected at least 50",
        ),
    ],
)
def test_samples_without_enough_outcomes_stop(defaulted, code, text):
    (found,) = gates.class_findings("test", defaulted)
    assert (found.code, found.severity) == (code, "stop")
    assert text in found.message


def test_fifty_defaults_pass():
    assert gates.class_findings("test", [1] * 50 + [0]) == []


def test_infinite_values_are_named_with_the_first_loan():
    columns = {
        "income": np.array([1, np.inf, -np.inf]),
        "age": np.array([1, np.nan, 3]),
        "ratio": np.array([None, 2, np.inf], dtype=object),
        "housing": np.array(["own", "inf", None], dtype=object),
    }
    income, ratio = gates.infinite_values(["c", "b", "a"], columns)
    assert (income.subject, income.n, income.first_loan) == ("income", 2, "a")
    assert (ratio.subject, ratio.n, ratio.first_loan) == ("ratio", 1, "a")


def test_duplicates_across_the_split_are_found():
    train = {"x": np.array([1.0, np.nan, 3]), "h": np.array(["own", None, "rent"], dtype=object)}
    test = {"h": np.array([None, "own", "own"], dtype=object), "x": np.array([np.nan, 3, 1.0])}
    (found,) = gates.duplicates(train, ["f", "e", "d"], test)
    assert (found.code, found.severity, found.n) == ("duplicates", "warning", 2)
    assert found.first_loan == "d"
    distinct = {"x": test["x"] + 1, "h": np.array(["a", "b", "c"], dtype=object)}
    assert gates.duplicates(train, ["f", "e", "d"], distinct) == []


def test_duplicates_need_the_same_features():
    with pytest.raises(ValueError, match="different features: y"):
        gates.duplicates({"x": [1]}, ["b"], {"x": [1], "y": [2]})


def test_duplicates_equal_a_comparison_of_all_pairs():
    rng = np.random.default_rng(0)
    first, second = (rng.integers(3, size=(n, 4)).astype(float) for n in (60, 40))
    first[first == 2] = second[second == 2] = np.nan
    pairs = (first[None] == second[:, None]) | (np.isnan(first[None]) & np.isnan(second[:, None]))
    columns = [{f"x{k}": values[:, k] for k in range(4)} for values in (first, second)]
    ids = np.arange(100)
    (found,) = gates.duplicates(columns[0], ids[60:], columns[1])
    assert found.n == pairs.all(axis=2).any(axis=1).sum()

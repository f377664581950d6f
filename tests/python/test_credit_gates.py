"""Gates: planted leaks, censored outcomes, samples that cannot be evaluated."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from credit_indices.stats.credit import gates

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

FOLDER = os.environ.get("CREDIT_INDICES_REAL_PANEL")
SBA = Path(FOLDER or ".") / "credit" / "sba_loans.csv"


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


LOANS = ["L3", "L1", "L2"]
DECIDED = days("2020-03-01", "2020-02-01", "2020-02-01")


def timing(features, loans, known_at):
    times = gates.timings(LOANS, DECIDED, loans, features, known_at)
    return {each.feature: each for each in times}


def test_leaking_feature_is_named_with_values_and_first_loan():
    found = timing(
        ["term", "term", "term", "age", "age"],
        ["L3", "L2", "L1", "L3", "L1"],
        days("2021-01-01", "2020-02-02", "2020-02-01", "2020-03-01", "1999-01-01"),
    )
    term, age = found["term"], found["age"]
    assert (term.n_values, term.n_late, term.first_loan) == (3, 2, "L2")
    assert (str(term.first_known_at), str(term.first_decided_at)) == ("2020-02-02", "2020-02-01")
    assert (age.n_values, age.n_late, age.first_loan) == (2, 0, None)
    (finding,) = gates.leaks([term, age])
    assert (finding.code, finding.severity, finding.subject) == ("leaking", "stop", "term")
    assert (finding.n, finding.first_loan) == (2, "L2")
    assert "2 of 3 values became known after the decision (first: loan L2" in finding.message


def test_one_late_value_of_many_is_a_leak():
    n = 5_000
    loans = np.char.add("L", np.arange(n).astype(str))
    decided = np.full(n, np.datetime64("2020-01-01T12:00:00"))
    known = decided.copy()
    known[4321] += np.timedelta64(1, "s")
    (found,) = gates.timings(loans, decided, loans, np.full(n, "x"), known)
    assert (found.n_late, found.first_loan) == (1, "L4321")
    order = np.random.default_rng(0).permutation(n)
    again = gates.timings(loans[order], decided[order], loans, np.full(n, "x"), known)
    assert again == [found]


def test_days_are_compared_where_a_date_has_no_time():
    noon = np.array(["2020-02-01T12:00:00"], dtype="datetime64[us]")
    assert timing(["x"], ["L1"], noon)["x"].n_late == 0
    assert timing(["x"], ["L1"], noon + np.timedelta64(12, "h"))["x"].n_late == 1


def test_values_without_a_date_are_counted_and_pass():
    found = timing(["x", "x"], ["L1", "L2"], days("NaT", "2020-01-01"))["x"]
    assert (found.n_undated, found.n_late) == (1, 0)


@pytest.mark.parametrize(
    ("loans", "decided", "of_values", "known", "message"),
    [
        (["a", "a"], days("2020-01-01", "2020-01-01"), [], days(), "Loan a has more than one row"),
        (["a"], days("NaT"), ["a"], days("2020-01-01"), "Loan a has no date of the decision"),
        (["a"], days("2020-01-01"), ["b"], days("2020-01-01"), "Loan b has values of features"),
        (["a"], ["2020-01-01"], ["a"], days("2020-01-01"), "decided_at has the type"),
        (["a"], days("2020-01-01"), ["a"], days(), r"known_at has shape \(0,\)"),
    ],
)
def test_faults_of_the_tables_are_named(loans, decided, of_values, known, message):
    with pytest.raises(ValueError, match=message):
        gates.timings(loans, decided, of_values, ["x"] * len(of_values), known)


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
    (found,) = gates.duplicates(["a", "b", "c"], train, ["f", "e", "d"], test)
    assert (found.code, found.severity, found.n) == ("duplicates", "warning", 2)
    assert found.first_loan == "d"
    shared = gates.duplicates(["a", "b", "c"], train, ["c", "e", "d"], test)[0]
    assert (shared.code, shared.severity, shared.first_loan) == ("shared_loans", "stop", "c")
    distinct = {"x": test["x"] + 1, "h": np.array(["a", "b", "c"], dtype=object)}
    assert gates.duplicates(["a", "b", "c"], train, ["f", "e", "d"], distinct) == []


def test_duplicates_need_the_same_features():
    with pytest.raises(ValueError, match="different features: y"):
        gates.duplicates(["a"], {"x": [1]}, ["b"], {"x": [1], "y": [2]})


@pytest.mark.skipif(
    not FOLDER, reason="CREDIT_INDICES_REAL_PANEL does not name the folder of the real panel"
)
@pytest.mark.skipif(
    bool(FOLDER) and not SBA.exists(), reason="the real panel has no credit/sba_loans.csv"
)
def test_gate_stops_the_charge_off_date_of_real_loans():
    with open(SBA, encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["ApprovalDate"]]
    epoch = np.datetime64("1960-01-01")
    loans = [row["loan_id"] for row in rows]
    decided = epoch + np.array([int(float(row["ApprovalDate"])) for row in rows])
    charged = [row for row in rows if row["ChgOffDate"]]
    of_values = loans + [row["loan_id"] for row in charged]
    features = ["NoEmp"] * len(loans) + ["ChgOffDate"] * len(charged)
    charged_off = epoch + np.array([int(float(row["ChgOffDate"])) for row in charged])
    known_at = np.concatenate([decided, charged_off])
    (found,) = gates.leaks(gates.timings(loans, decided, of_values, features, known_at))
    assert found.subject == "ChgOffDate"
    assert 600 < found.n <= len(charged)


def test_duplicates_equal_a_comparison_of_all_pairs():
    rng = np.random.default_rng(0)
    first, second = (rng.integers(3, size=(n, 4)).astype(float) for n in (60, 40))
    first[first == 2] = second[second == 2] = np.nan
    pairs = (first[None] == second[:, None]) | (np.isnan(first[None]) & np.isnan(second[:, None]))
    columns = [{f"x{k}": values[:, k] for k in range(4)} for values in (first, second)]
    ids = np.arange(100)
    (found,) = gates.duplicates(ids[:60], columns[0], ids[60:], columns[1])
    assert found.n == pairs.all(axis=2).any(axis=1).sum()

"""Screen on planted leaks, on loans without leaks and on real loans."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from credit_indices.stats.credit.regression import expit
from credit_indices.stats.credit.screen import screen

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

FOLDER = os.environ.get("CREDIT_INDICES_REAL_PANEL")
SBA = Path(FOLDER or ".") / "credit" / "sba_loans.csv"


def loans(seed, n=3_000):
    """Loans by date of decision: outcome, time to default, and features without a leak.

    The default rate, one feature and the share of missing values drift over the dates. `score` is
    strong (AUC about 0.75), `district` has many rare categories.
    """
    rng = np.random.default_rng(seed)
    decided = np.sort(rng.random(n)) * 3_650
    score, size = rng.normal(size=(2, n))
    trade = rng.choice(["farm", "shop", "mill", "dock"], n)
    rate = score + 0.3 * size + 0.5 * (trade == "mill") + decided / 3_650 - 1.8
    defaulted = rng.random(n) < expit(rate)
    income = np.exp(size + 0.5 * rng.normal(size=n))
    innocent = {
        "score": score + 0.5 * rng.normal(size=n),
        "income": np.where(rng.random(n) < 0.1 + decided / 36_500, np.nan, income),
        "assets": income * rng.lognormal(0, 0.3, n),
        "trade": np.where(rng.random(n) < 0.05, None, trade),
        "district": np.array([f"d{k}" for k in rng.integers(0, 400, n)], dtype=object),
        "branches": rng.poisson(1 + decided / 3_650),
        "noise": rng.normal(size=n),
        "constant": np.ones(n),
    }
    term = rng.choice([1_080.0, 1_800, 2_520], n)
    lasted = np.where(defaulted, term * rng.beta(2, 3, n), term)
    return rng, decided, defaulted, term, lasted, innocent


def flags(decided, defaulted, features, dated=(), seed=0):
    cut = int(0.7 * decided.size)
    found = screen(
        {name: values[:cut] for name, values in features.items()},
        defaulted[:cut],
        decided[:cut],
        {name: values[cut:] for name, values in features.items()},
        defaulted[cut:],
        set(features) - set(dated),
        seed=seed,
    )
    assert all(each.severity == "warning" for each in found)
    return {(each.code.removeprefix("suspicious_"), each.subject) for each in found}


def planted(kind, rng, decided, defaulted, term, lasted):
    n = decided.size
    if kind == "copy with errors":
        return np.where(rng.random(n) < 0.04, ~defaulted, defaulted).astype(float)
    if kind == "missing if paid":
        return np.where(defaulted, rng.normal(size=n), np.nan)
    if kind == "word":
        words = np.where(defaulted, "court", "none").astype(object)
        return np.where(rng.random(n) < 0.05, None, words)
    if kind == "months recorded":
        return np.round(lasted / 30)
    if kind == "neither high nor low":
        return np.where(defaulted, 0.3, 1.0) * rng.normal(size=n) * (1 + 2 * ~defaulted)
    assert kind == "days late"
    return np.where(defaulted, rng.gamma(4, 30, n), rng.gamma(1, 8, n))


KINDS = [
    "copy with errors",
    "missing if paid",
    "word",
    "months recorded",
    "neither high nor low",
    "days late",
]


@pytest.mark.parametrize("kind", KINDS)
def test_planted_leak_is_flagged_alone(kind):
    rng, decided, defaulted, term, lasted, features = loans(1)
    features["leak"] = planted(kind, rng, decided, defaulted, term, lasted)
    found = flags(decided, defaulted, features)
    assert {subject for _, subject in found} == {"leak"}


def test_all_leaks_are_flagged_together():
    rng, decided, defaulted, term, lasted, features = loans(2)
    for kind in KINDS:
        features[kind] = planted(kind, rng, decided, defaulted, term, lasted)
    assert {subject for _, subject in flags(decided, defaulted, features)} == set(KINDS)


def test_feature_derived_from_a_leak_is_flagged():
    _, decided, defaulted, _, lasted, features = loans(3)
    features["months"] = np.round(lasted / 30)
    features["band"] = (lasted > 900) & (lasted < 1_400)
    found = flags(decided, defaulted, features)
    assert ("derived", "band") in found
    assert {subject for _, subject in found} == {"months", "band"}


def test_period_after_the_decision_is_flagged():
    _, decided, defaulted, _, lasted, features = loans(4)
    end = decided + lasted
    features["crisis"] = (end > 1_900) & (end < 2_600)
    assert flags(decided, defaulted, features) == {("reversal", "crisis")}


def test_dated_features_are_not_flagged():
    rng, decided, defaulted, term, lasted, features = loans(5)
    features["leak"] = planted("days late", rng, decided, defaulted, term, lasted)
    assert flags(decided, defaulted, features, dated=["leak"]) == set()


def test_loans_without_leaks_have_few_warnings():
    warned = 0
    for seed in range(100, 130):
        _, decided, defaulted, _, _, features = loans(seed, n=2_000)
        warned += bool(flags(decided, defaulted, features))
    # Seen: none of these 30.
    assert warned <= 3


NUMBERS = ["NoEmp", "NewExist", "CreateJob", "RetainedJob", "UrbanRural", "New", "Portion", "NAICS"]
AMOUNTS = ["DisbursementGross", "GrAppv", "SBA_Appv", "BalanceGross"]
OTHERS = ["RevLineCr", "LowDoc", "BankState", "DisbursementDate", "FranchiseCode"]
INNOCENT = [*NUMBERS, *AMOUNTS, *OTHERS]


@pytest.fixture(scope="module")
def real():
    with SBA.open() as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["ApprovalDate"]))
    texts = {"RevLineCr", "LowDoc", "BankState"}
    columns = {}
    for name in rows[0]:
        values = [row[name] or None for row in rows]
        if name in texts or name in ("loan_id", "State", "MIS_Status"):
            columns[name] = np.array(values, dtype=object)
        else:
            columns[name] = np.array([np.nan if v is None else float(v) for v in values])
    return columns


@pytest.mark.skipif(
    not FOLDER, reason="CREDIT_INDICES_REAL_PANEL does not name the folder of the real panel"
)
@pytest.mark.parametrize(
    ("leaks", "expected"),
    [
        ([], set()),
        # RealEstate is 1 if and only if Term is at least 240 months.
        (["RealEstate"], set()),
        (["Term", "RealEstate"], {"Term", "RealEstate"}),
        (["Term"], {"Term"}),
        (["daysterm"], {"daysterm"}),
        (["ChgOffDate"], {"ChgOffDate"}),
        (["ChgOffPrinGr"], {"ChgOffPrinGr"}),
        (["Recession"], {"Recession"}),
        (
            ["Term", "daysterm", "ChgOffDate", "Recession"],
            {"Term", "daysterm", "ChgOffDate", "Recession"},
        ),
        # Not found alone: the end of the term has an AUC of 0.84 and 41 % of the gain.
        (["xx"], set()),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_real_leaks_are_flagged(real, leaks, expected):
    features = {name: real[name] for name in INNOCENT + leaks}
    found = flags(real["ApprovalDate"], real["Default"] == 1, features)
    assert {subject for _, subject in found} == expected


def test_bad_input_is_named():
    _, decided, defaulted, _, _, features = loans(6, n=100)
    arguments = (features, defaulted, decided, features, defaulted)
    with pytest.raises(ValueError, match="Undated feature age is absent"):
        screen(*arguments, {"age"}, seed=0)
    with pytest.raises(ValueError, match="different features: noise"):
        fewer = {name: values for name, values in features.items() if name != "noise"}
        screen(features, defaulted, decided, fewer, defaulted, set(), seed=0)
    with pytest.raises(ValueError, match=r"score has shape \(99,\); expected \(100,\)"):
        short = features | {"score": features["score"][1:]}
        screen(short, defaulted, decided, features, defaulted, set(), seed=0)
    with pytest.raises(ValueError, match="row 0 has no date"):
        gone = np.where(np.arange(100) == 0, np.nan, decided)
        screen(features, defaulted, gone, features, defaulted, set(), seed=0)

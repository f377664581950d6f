"""Real loans: what leaks are worth, and that their true dates stop every one of them."""

import os
from pathlib import Path

import credit_folder as folder
import numpy as np
import pandas as pd
import pytest
from conftest import DataDir
from credit_folder import Warehouses

PANEL = os.environ.get("CREDIT_INDICES_REAL_PANEL")
SBA = Path(PANEL or ".") / "credit" / "sba_loans.csv"

pytestmark = pytest.mark.skipif(
    not SBA.is_file(), reason="CREDIT_INDICES_REAL_PANEL names no folder with credit/sba_loans.csv"
)

KNOWN = (
    "NoEmp NewExist CreateJob RetainedJob UrbanRural RevLineCr LowDoc DisbursementGross GrAppv "
    "SBA_Appv New RealEstate Portion"
)
"""Features that the lender knew at the decision."""

TRAPS = ("Term", "daysterm", "ChgOffDate", "Recession")
"""Columns of the file that were recorded when the loan ended."""

INVENTED = ("status", "letters", "last_payment", "later_rating", "other_score")
"""Leaks that we invented; see `leaks`."""

TRAIN_SHARE, TEST_UNTIL = 0.7, "2014-12-31"


def days(column):
    """Read SAS dates: days since 1960."""
    return pd.Timestamp("1960-01-01") + pd.to_timedelta(column, unit="D")


def text(dates):
    return dates.dt.strftime("%Y-%m-%d")


@pytest.fixture(scope="module")
def read():
    """The file, sorted by the decision, with dates of the decision and of the end of the loan."""
    read = pd.read_csv(SBA, dtype={"NAICS": str, "loan_id": str})
    read["decided"], read["charged_off"] = days(read.ApprovalDate), days(read.ChgOffDate)
    repaid = days(read.DisbursementDate.fillna(read.ApprovalDate) + read.daysterm)
    # A loan ends with the loss, or with the term that was counted at its end.
    read["ended"] = read.charged_off.where(read.Default == 1, repaid)
    return read.sort_values(["ApprovalDate", "loan_id"], ignore_index=True)


def leaks(read):
    """Five features that nobody knew at the decision, each with its true day."""
    rng, n = np.random.default_rng(2026), len(read)
    bad = read.Default.to_numpy() == 1
    noisy = np.where(rng.random(n) < 0.05, ~bad, bad)
    rating = 5 + 2.5 * bad + rng.normal(0, 1, n)
    values = {
        # A code that the back office sets when it closes the loan.
        "status": np.where(noisy, "K7", rng.choice(["A1", "A2", "B4"], n)),
        # Letters of the collection department.
        "letters": np.where(bad, rng.poisson(3, n), rng.poisson(0.2, n)),
        # Noise, whose absence is the leak: a charged-off loan has no last payment.
        "last_payment": pd.Series(rng.lognormal(8, 1, n).round()).mask(noisy),
        # The rating two years later.
        "later_rating": rating.round().clip(1, 10),
        # The score of a model that was fitted to the outcomes.
        "other_score": (1 / (1 + np.exp(-(3 * noisy - 1.5 + rng.normal(0, 1, n))))).round(4),
    }
    known = {
        "status": read.ended,
        "letters": read.ended - pd.Timedelta(days=30),
        "last_payment": read.ended,
        "later_rating": read.decided + pd.DateOffset(years=2),
        "other_score": pd.Series(pd.Timestamp("2015-06-01"), index=read.index),
    }
    return pd.DataFrame(values), pd.DataFrame(known)


@pytest.fixture(scope="module")
def given(read):
    """Return the folder of some models, with or without the days of the leaking features."""
    invented, invented_days = leaks(read)
    n = int(len(read) * TRAIN_SHARE)
    decided = text(read.decided)
    outcome_known = text(read.charged_off.where(read.charged_off >= read.decided))
    wide = pd.concat(
        [
            read[["loan_id", *KNOWN.split(), "Term", "daysterm", "Recession"]],
            text(read.charged_off).rename("ChgOffDate"),
            text(read.ended).rename("ended"),
            invented,
            invented_days.apply(text).add_suffix("_day"),
        ],
        axis=1,
    )
    # A day of loss would be no number and no category; a lender would use whether it exists.
    wide["ChgOffDate"] = wide.ChgOffDate.notna().map({True: "yes", False: ""})
    wide["ChgOffDate_day"] = text(read.charged_off)
    loans = pd.DataFrame(
        {
            "loan_id": read.loan_id,
            "decided_at": decided,
            "decision": "approved",
            "outcome": read.Default.map({0: "paid", 1: "defaulted"}),
            "outcome_known_at": outcome_known.where(read.Default == 1),
            "amount": read.GrAppv,
        }
    )
    at = dict.fromkeys(TRAPS, "ended") | {"ChgOffDate": "ChgOffDate_day"}
    at |= {name: f"{name}_day" for name in INVENTED}

    def write(models, *, is_dated):
        catalog = [
            {
                "feature": name,
                "kind": "category" if name in ("RevLineCr", "LowDoc") else "",
                "known_at": at.get(name, "") if is_dated else "",
            }
            for name in (*KNOWN.split(), *at)
        ]
        kept = wide if is_dated else wide.drop(columns=["ended", *wide.filter(like="_day")])
        ends = {
            "train_until": decided.iloc[int(n * 0.8)],
            "calibrate_until": decided.iloc[n - 1],
            "test_until": TEST_UNTIL,
        }
        return DataDir(
            folder.index_tables()
            | {
                "loans": folder.records(loans),
                "loan_features_wide": folder.records(kept),
                "credit_features": catalog,
                "credit_models": [
                    folder.MODEL
                    | ends
                    | {"model_code": code, "learner": learner, "features": features}
                    for code, (learner, features) in models.items()
                ],
            }
        )

    return write


@pytest.fixture(scope="module")
def warehouses(runner, seeded_warehouse, tmp_path_factory):
    return Warehouses(runner, seeded_warehouse, tmp_path_factory.mktemp("credit"))


@pytest.fixture(scope="module")
def undated(warehouses, given):
    models = {
        "boosting": ("gradient_boosting", KNOWN),
        "logit": ("logistic_regression", KNOWN),
        "boosting Term": ("gradient_boosting", f"{KNOWN} Term"),
        "logit Term": ("logistic_regression", f"{KNOWN} Term"),
        "ChgOffDate": ("gradient_boosting", f"{KNOWN} ChgOffDate"),
    }
    for name in ("daysterm", "Recession", *INVENTED):
        models[name] = "logistic_regression", f"{KNOWN} {name}"
    built = warehouses.build(given(models, is_dated=False), "credit_indices.marts.credit")
    assert built.succeeded, built.message
    return built


def accuracy(built, sample):
    return dict(
        built.query(f"""
            select model_code, value from marts.credit_model_performance
            where metric = 'accuracy' and sample = '{sample}'
        """)
    )


def test_one_leaking_column_makes_the_published_accuracy(undated):
    in_time, at_random = (accuracy(undated, name) for name in ("out_of_time", "random_split"))
    majority = undated.value(
        "select value from marts.credit_model_performance "
        "where metric = 'majority' and sample = 'out_of_time' and model_code = 'logit'"
    )
    assert majority == pytest.approx(0.555, abs=0.005)
    assert in_time["boosting Term"] == pytest.approx(0.872, abs=0.02)
    assert at_random["boosting Term"] > 0.9
    for learner in ("boosting", "logit"):
        assert majority < in_time[learner] < 0.7
        assert in_time[f"{learner} Term"] > in_time[learner] + 0.1


def test_leaks_without_a_date_look_like_good_models(undated):
    """The harm that the dates prevent. Recession alone adds little out of time."""
    found = undated.query("""
        select model_code, value from marts.credit_model_performance
        where metric = 'auc' and sample = 'out_of_time'
    """)
    areas = dict(found)
    for name in ("ChgOffDate", "daysterm", *INVENTED):
        assert areas[name] > areas["logit"] + 0.1, name


def test_leaks_without_a_date_are_suspicious(undated):
    found = undated.query("""
        select model_code, list(distinct subject order by subject) from marts.credit_model_findings
        where starts_with(code, 'suspicious') and severity = 'warning' group by model_code
    """)
    suspicious = dict(found)
    for name in (*TRAPS[1:], *INVENTED):
        assert name in suspicious[name]
    # The file defines RealEstate as a term of 20 years or more.
    for model in ("boosting Term", "logit Term"):
        assert suspicious[model] == ["RealEstate", "Term"]
    assert not suspicious.keys() & {"boosting", "logit"}


@pytest.mark.parametrize("learner", ["scorecard", "gradient_boosting"])
def test_true_dates_stop_every_leak(warehouses, given, learner):
    leaking = (*TRAPS, *INVENTED)
    models = {name: (learner, f"{KNOWN} {name}") for name in leaking}
    models["all"] = (learner, f"{KNOWN} {' '.join(leaking)}")
    built = warehouses.build(given(models, is_dated=True), "credit_indices.marts.credit")
    assert built.succeeded, built.message
    fits = built.query("select model_code, status, message from marts.credit_model_fits")
    assert len(fits) == len(models)
    for code, status, message in fits:
        assert status == "leaking", code
        for name in leaking if code == "all" else (code,):
            assert f"{name} is leaking: " in message
    named = built.query(
        "select subject from marts.credit_model_findings where model_code = 'all' "
        "and severity = 'stop' and code = 'leaking'"
    )
    assert sorted(name for (name,) in named) == sorted(leaking)
    for mart in ("credit_model_performance", "credit_feature_importance", "scorecard_points"):
        assert built.value(f"select count(*) from marts.{mart}") == 0
    assert built.value("select count(*) from restricted.credit_scores") == 0

"""Findings about one model of credit risk: their codes and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from credit_indices.stats.credit.gates import Finding

INDEX = "index:"
"""Precedes the code of an index whose score is a feature."""


def leak(row: Mapping[str, Any]) -> Finding:
    """Return the leak of a feature, a row of int_credit__features with late values."""
    message = (
        f"{row['feature']} is leaking: {row['n_late']} of its values became known after the "
        f"decision (first: loan {row['first_late']}). Remove it from features."
    )
    if row["feature"].startswith(INDEX):
        message = (
            f"{row['feature']} is leaking: {row['n_late']} scores depend on periods that ended "
            "after the decision, since bounds and weights come from the whole reference of the "
            "index. Use an index with the frame by_period, or with a reference_last_period before "
            "the first decision."
        )
    return Finding("leaking", "stop", row["feature"], row["n_late"], row["first_late"], message)


def open_test_loans(n: int, of: int) -> Finding:
    """Warn of open loans among the approved loans of the test period."""
    return Finding(
        code="open_test_loans",
        severity="warning",
        subject="out_of_time",
        n=n,
        first_loan=None,
        message=f"{n} of {of} approved loans of the test period are open and are left out. "
        "Defaults become known before payments, so the default rate of the others is too high. Set "
        "test_until earlier.",
    )


def no_comparison(features: str, is_in_time: bool, reason: str) -> Finding:
    """Warn that a model to compare with was not estimated."""
    what = "bank features" if features == "bank" else "all features"
    of = "" if is_in_time else " on a random split"
    return Finding(
        code="no_comparison",
        severity="warning",
        subject=f"{features}, {'out_of_time' if is_in_time else 'random_split'}",
        n=0,
        first_loan=None,
        message=f"The model with {what}{of} was not estimated, so there is no comparison with it: "
        f"{reason}",
    )


def reversed_calibration(slope: float) -> Finding:
    """Warn of a calibration with a negative slope."""
    return Finding(
        code="calibration_reversed",
        severity="warning",
        subject="calibration",
        n=0,
        first_loan=None,
        message=f"The calibration reverses the scores (slope {slope:.2f}): on the calibration "
        "loans, a higher margin has a lower risk. Reasons and points then explain the opposite of "
        "the probability. Do not use the model.",
    )


def useless_threshold(cost: float, policy: str, other: float) -> Finding:
    """Warn of a chosen threshold that costs more than the same decision for all loans."""
    what = {"approve_all": "approving", "refuse_all": "refusing"}[policy]
    return Finding(
        code="useless_threshold",
        severity="warning",
        subject="out_of_time",
        n=0,
        first_loan=None,
        message=f"Refusing by cost_threshold costs {cost:.2%} of the amount out of time, {what} "
        f"all loans {other:.2%}. Do not use the threshold.",
    )


def many_categories(feature: str, n: int, n_loans: int) -> Finding:
    """Warn of a category with many values."""
    return Finding(
        code="many_categories",
        severity="warning",
        subject=feature,
        n=n,
        first_loan=None,
        message=f"{feature} has {n} categories among {n_loans} training loans. If it is a number, "
        "write it as 0.12 or 1000, not as 12 % or 1,000. Else group its categories.",
    )


def ignored_trends(features: Sequence[str], learner: str) -> Finding:
    """Warn of trends that the learner does not support."""
    return Finding(
        code="trend_not_supported",
        severity="warning",
        subject="features",
        n=len(features),
        first_loan=None,
        message=f"{learner} does not support trends: those of {', '.join(features)} in "
        "credit_features were not applied. scorecard, random_forest and gradient_boosting support "
        "them.",
    )


def known_later(n: int, has_dates: bool) -> Finding:
    """Warn of outcomes that were not known when their sample ended."""
    remedy = "Set outcomes to known_at_split in credit_models to leave them out."
    if not has_dates:
        remedy = "No loan has outcome_known_at: add it to use outcomes = known_at_split."
    return Finding(
        code="outcomes_known_later",
        severity="warning",
        subject="train, calibration",
        n=n,
        first_loan=None,
        message=f"{n} loans of the training and calibration samples mature after their sample "
        "ended, or their outcomes became known later or have no outcome_known_at. A lender could "
        f"not have trained on them at that time. {remedy}",
    )


def unseen(feature: str, kind: str, n: int, first: str) -> Finding:
    """Warn of loans with a category, or a missing value, that no training loan has."""
    what = f"{feature} is missing for {n} loan(s), but for no training loan (first: loan {first})."
    if kind == "category":
        what = (
            f"For {n} loan(s), {feature} has a category that no training loan has, or is missing "
            f"although it is missing for no training loan (first: loan {first})."
        )
    return Finding(
        code="unseen_value",
        severity="warning",
        subject=feature,
        n=n,
        first_loan=first,
        message=f"{what} These loans have no score and are not evaluated. Merge rare categories, "
        "or train on a longer period.",
    )

"""Gates and screens: what stops a model of credit risk, and what only warns.

A gate needs dates: a feature with a value that became known after the decision leaks the outcome.
A screen has no dates and therefore only warns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from credit_indices.stats.credit.arrays import Counts, Flags, as_defaulted

FEWEST_DEFAULTS = 50

COARSE_UNITS = ("Y", "M", "W", "D")

Columns = Mapping[str, ArrayLike]


@dataclass(frozen=True)
class Finding:
    """One reason why a model stops, or a warning.

    Attributes:
        code: one of those that credit_model_findings describes.
        severity: `stop` or `warning`.
        subject: The feature or sample.
        n: Number of values or loans.
        first_loan: Id of the first loan, None if the finding is not about single loans.
        message: Fault, place, expectation and remedy.

    """

    code: str
    severity: Literal["stop", "warning"]
    subject: str
    n: int
    first_loan: str | None
    message: str


@dataclass(frozen=True)
class Outcomes:
    """Outcomes that are known at the end of a period.

    Attributes:
        known: Loans with a known outcome, shape (n,).
        defaulted: Shape (n,); False where the outcome is unknown, so select by `known` first.
        n_open: Loans that are open.
        n_later: Loans whose outcome became known after the end.
        n_undated: Loans with an outcome without a date.
        n_immature: Loans with a known outcome that mature after the end. They are unknown too: of
            these loans the defaults become known first, so the known ones overstate the risk.

    """

    known: Flags
    defaulted: Flags
    n_open: int
    n_later: int
    n_undated: int
    n_immature: int


def known_outcomes(
    outcome: ArrayLike,
    outcome_known_at: ArrayLike,
    until: Any,
    matures_at: ArrayLike | None = None,
) -> Outcomes:
    """Return the outcomes known at the end of a period; the others are unknown, not paid.

    Args:
        outcome: paid, defaulted, open, or None for a refused application, shape (n,).
        outcome_known_at: datetime64, NaT for open loans, shape (n,).
        until: End of the period (datetime64 or ISO text), inclusive: 2020 is all of that year.
        matures_at: datetime64, NaT where unknown, shape (n,). If given, loans that mature after
            the end are unknown even if their outcome is known.

    Raises:
        ValueError: If an outcome is another word, or a date is not datetime64.

    """
    words = np.array(["open" if word is None else str(word) for word in np.asarray(outcome)])
    strange = ~np.isin(words, ("paid", "defaulted", "open"))
    if strange.any():
        row = int(np.flatnonzero(strange)[0])
        raise ValueError(
            f"Outcome {str(words[row])!r} (row {row}) is unknown; expected paid, defaulted or open."
        )
    dates = _dates(outcome_known_at, "outcome_known_at")
    end = np.full(words.size, np.datetime64(until))
    still_open = words == "open"
    undated = ~still_open & np.isnat(dates)
    later = ~still_open & _after(dates, end)
    known = ~(still_open | undated | later)
    immature = np.zeros(words.size, dtype=bool)
    if matures_at is not None:
        immature = known & _after(_dates(matures_at, "matures_at"), end)
    known = known & ~immature
    return Outcomes(
        known=known,
        defaulted=known & (words == "defaulted"),
        n_open=int(still_open.sum()),
        n_later=int(later.sum()),
        n_undated=int(undated.sum()),
        n_immature=int(immature.sum()),
    )


def class_findings(
    sample: str,
    defaulted: ArrayLike,
    fewest: int = FEWEST_DEFAULTS,
    *,
    few: Literal["stop", "warning"] = "stop",
) -> list[Finding]:
    """Return a finding if a sample has one outcome only, or too few defaults.

    Args:
        sample: Name of the sample, for the message.
        defaulted: Known outcomes, shape (n,).
        fewest: Smallest number of defaults that passes.
        few: Severity of too few defaults. One outcome only always stops the model.

    """
    outcome = np.asarray(defaulted)
    outcome = as_defaulted(outcome) if outcome.size else outcome.astype(bool)
    n = int(outcome.sum())
    if n in (0, outcome.size):
        absent = "defaulted" if n == 0 else "paid"
        message = (
            f"Sample {sample} has no {absent} loan among {outcome.size}; expected both outcomes. "
            "Move the dates of the split."
        )
        return [Finding("one_class", "stop", sample, n, None, message)]
    if n < fewest:
        message = (
            f"Sample {sample} has {n} defaulted loans; expected at least {fewest}. "
            "Lengthen the period."
        )
        return [Finding("few_defaults", few, sample, n, None, message)]
    return []


def infinite_values(loan_ids: ArrayLike, columns: Columns) -> list[Finding]:
    """Return one finding per numeric feature with infinite values.

    Args:
        loan_ids: Shape (n,).
        columns: Values of each feature, shape (n,).

    """
    ids = _texts(loan_ids)
    found = []
    for feature, values in columns.items():
        infinite = _infinite(np.asarray(values))
        if infinite.any():
            n, first = int(infinite.sum()), str(np.sort(ids[infinite])[0])
            message = (
                f"{feature} has {n} infinite value(s) (first: loan {first}); expected finite or "
                "missing values. Correct the value or leave it empty."
            )
            found.append(Finding("infinite", "stop", feature, n, first, message))
    return found


def duplicates(train: Columns, test_ids: ArrayLike, test: Columns) -> list[Finding]:
    """Return a warning if test loans have the values of a training loan in every feature.

    Different loans may agree. A missing value equals a missing value.

    Args:
        train: Values of each feature, shape (n,), at least one feature.
        test_ids: Shape (m,).
        test: The same features, shape (m,).

    Raises:
        ValueError: If the samples have different features.

    """
    if set(train) != set(test):
        raise ValueError(
            f"The samples have different features: {', '.join(sorted(set(train) ^ set(test)))}."
        )
    again = _repeated(train, test)
    if not again.any():
        return []
    n, loan = int(again.sum()), str(np.sort(_texts(test_ids)[again])[0])
    message = (
        f"{n} of {again.size} loans of the test sample equal a loan of the training sample in "
        f"every feature (first: loan {loan}). Check for loans recorded twice."
    )
    return [Finding("duplicates", "warning", "split", n, loan, message)]


def _repeated(train: Columns, test: Columns) -> Flags:
    """Return which loans of the test sample have the values of a loan of the training sample.

    The candidates of the first features are compared in the next ones, so a feature with many
    values leaves few.
    """
    rows_before, rows = (np.arange(len(next(iter(each.values())))) for each in (train, test))
    others, mine = np.zeros(rows_before.size, dtype=np.int64), np.zeros(rows.size, dtype=np.int64)
    again = np.zeros(rows.size, dtype=bool)
    for name in train:
        first, second = np.asarray(train[name]), np.asarray(test[name])
        codes = _codes(first[rows_before], second[rows])
        size = int(codes.max(initial=0)) + 1
        joint = np.concatenate([others, mine]) * size + codes
        values, place = np.unique(joint, return_inverse=True)
        before, after = place[: others.size], place[others.size :]
        both = np.bincount(before, minlength=values.size) > 0
        both &= np.bincount(after, minlength=values.size) > 0
        rows_before, others = rows_before[both[before]], before[both[before]]
        rows, mine = rows[both[after]], after[both[after]]
    again[rows] = True
    return again


def _texts(values: ArrayLike) -> NDArray[np.str_]:
    return np.asarray(values).astype(np.str_)


def _dates(values: ArrayLike, name: str) -> NDArray[np.datetime64]:
    array = np.asarray(values)
    if array.dtype.kind != "M":
        raise ValueError(f"{name} has the type {array.dtype}; expected datetime64.")
    return array


def _after(first: NDArray[np.datetime64], second: NDArray[np.datetime64]) -> Flags:
    """Return whether first is after second; NaT is not.

    If a unit is the day or coarser, the dates are compared in the coarser of the two units.
    """
    units = {np.datetime_data(array.dtype)[0] for array in (first, second)}
    for unit in COARSE_UNITS:
        if unit in units:
            return first.astype(f"datetime64[{unit}]") > second.astype(f"datetime64[{unit}]")
    return first > second


def _infinite(array: NDArray[Any]) -> Flags:
    if array.dtype.kind == "f":
        return np.isinf(array)
    if array.dtype == object:
        return np.array([isinstance(v, float) and abs(v) == np.inf for v in array], dtype=bool)
    return np.zeros(array.size, dtype=bool)


def _codes(first: ArrayLike, second: ArrayLike) -> Counts:
    """Return a number per distinct value over both arrays; all missing values share one."""
    one, two = np.asarray(first), np.asarray(second)
    if "O" in (one.dtype.kind, two.dtype.kind):
        numbers: dict[Any, int] = {}
        values = [*one.tolist(), *two.tolist()]
        return np.array([numbers.setdefault(None if v != v else v, len(numbers)) for v in values])
    return np.unique(np.concatenate([one, two]), return_inverse=True)[1]

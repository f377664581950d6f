"""Which loans a model of credit risk trains on, is calibrated on and is tested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from credit_indices.stats.credit.arrays import Counts, Flags, Vector
from credit_indices.stats.credit.gates import known_outcomes

SAMPLES = ("train", "calibration", "out_of_time")

SIZES = ("first quartile", "second quartile", "third quartile", "fourth quartile")


@dataclass(frozen=True)
class Loans:
    """Loans and applications in the order of their keys, all of shape (n,).

    Attributes:
        keys: Keys.
        enterprises: Code of the enterprise, -1 without one.
        units: Unit, None without one.
        regions: Region, None without one.
        decided_on: Day of the decision (datetime64[D]).
        approved: Whether the loan was approved.
        outcome: paid, defaulted, open, or None for a refused application.
        outcome_known_on: Day on which the outcome became known, NaT where not recorded.
        matures_on: Day on which the loan matures, NaT where not recorded.
        amount: Amount, NaN where not recorded.
        consented: Whether the loan may be used.

    """

    keys: NDArray[Any]
    enterprises: Counts
    units: NDArray[Any]
    regions: NDArray[Any]
    decided_on: NDArray[np.datetime64]
    approved: Flags
    outcome: NDArray[Any]
    outcome_known_on: NDArray[np.datetime64]
    matures_on: NDArray[np.datetime64]
    amount: Vector
    consented: Flags

    @classmethod
    def of(cls, table: pa.Table) -> Loans:
        """Read the columns of int_credit__loans, sorted by loan_key."""

        def objects(name: str) -> NDArray[Any]:
            return table[name].to_numpy(zero_copy_only=False).astype(object)

        def words(name: str) -> NDArray[Any]:
            """Return text of few distinct values, which share their objects."""
            coded = table[name].combine_chunks().dictionary_encode()
            known = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
            return known[coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]

        def days(name: str) -> NDArray[np.datetime64]:
            return table[name].to_numpy(zero_copy_only=False).astype("datetime64[D]")

        enterprises = table["enterprise_key"].combine_chunks().dictionary_encode()
        codes = enterprises.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return cls(
            keys=objects("loan_key"),
            enterprises=codes.astype(np.int64),
            units=words("unit_id"),
            regions=words("region"),
            decided_on=days("decided_at"),
            approved=words("decision") == "approved",
            outcome=words("outcome"),
            outcome_known_on=days("outcome_known_at"),
            matures_on=days("matures_at"),
            amount=table["amount"].to_numpy(zero_copy_only=False).astype(np.float64),
            consented=table["is_consented"].to_numpy(zero_copy_only=False).astype(bool),
        )


@dataclass(frozen=True)
class Split:
    """The use of each loan by one model.

    Attributes:
        sample: train, calibration, out_of_time, refused, open, later (decided after the test
            sample) or unknown (an outcome that was not known when its sample ended); None for a
            loan without consent. Shape (n,).
        defaulted: Shape (n,), meaningful in `SAMPLES`.
        counts: n_read, n_refused, n_without_consent, n_open, n_known_later, n_after_test.

    """

    sample: NDArray[Any]
    defaulted: Flags
    counts: Mapping[str, int]

    def rows(self, sample: str) -> Counts:
        """Return the places of the loans of a sample."""
        return np.flatnonzero(self.sample == sample)


def split(
    loans: Loans, train_until: date, calibrate_until: date, test_until: date, outcomes: str
) -> Split:
    """Return the use of each loan.

    Args:
        loans: The loans.
        train_until: Last day of decisions of the training sample.
        calibrate_until: Last day of decisions of the calibration sample.
        test_until: Last day of decisions of the test sample.
        outcomes: final, or known_at_split: in training and calibration, an outcome that became
            known after the sample ended is unknown, and so is that of a loan which matures later
            (the defaults of such loans become known first).

    Raises:
        ValueError: If `outcomes` is another word.

    """
    if outcomes not in ("final", "known_at_split"):
        raise ValueError(f"outcomes is {outcomes!r}; expected final or known_at_split.")
    ends = [np.datetime64(day) for day in (train_until, calibrate_until, test_until)]
    place = np.searchsorted(np.array(ends), loans.decided_on)
    names = np.array([*SAMPLES, "later"], dtype=object)
    sample = names[place]
    resolved = np.isin(loans.outcome.astype(str), ("paid", "defaulted"))
    known_later = np.zeros(sample.size, dtype=bool)
    for name, end in zip(SAMPLES[:2], ends[:2], strict=True):
        rows = np.flatnonzero((sample == name) & resolved & loans.approved & loans.consented)
        found = known_outcomes(
            loans.outcome[rows], loans.outcome_known_on[rows], end, loans.matures_on[rows]
        )
        known_later[rows[~found.known]] = True
    if outcomes == "known_at_split":
        sample[known_later] = "unknown"
    sample[loans.approved & ~resolved] = "open"
    sample[~loans.approved] = "refused"
    sample[~loans.consented] = None
    return Split(
        sample,
        loans.outcome == "defaulted",
        {
            "n_read": int(sample.size),
            "n_refused": int((sample == "refused").sum()),
            "n_without_consent": int((~loans.consented).sum()),
            "n_open": int((sample == "open").sum()),
            "n_known_later": int(known_later.sum()),
            "n_after_test": int((sample == "later").sum()),
        },
    )


def random_split(split_in_time: Split, seed: int) -> Split:
    """Return a random split of the same loans into samples of the same sizes."""
    rows = np.flatnonzero(np.isin(split_in_time.sample.astype(str), SAMPLES))
    shuffled = np.random.default_rng(seed).permutation(rows)
    sample = np.full(split_in_time.sample.size, None, dtype=object)
    sample[shuffled] = split_in_time.sample[rows]
    return Split(sample, split_in_time.defaulted, split_in_time.counts)


def size_classes(amount: Vector, train: Counts) -> NDArray[Any]:
    """Return the quartile of each amount among the training loans, None without an amount."""
    known = amount[train][~np.isnan(amount[train])]
    names = np.full(amount.size, None, dtype=object)
    if known.size:
        place = np.searchsorted(np.quantile(known, [0.25, 0.5, 0.75]), amount)
        present = ~np.isnan(amount)
        names[present] = np.array(SIZES, dtype=object)[place[present]]
    return names

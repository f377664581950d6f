"""Input of the benchmark of the models of credit risk: planted loans as Arrow tables, in memory."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

N_FEATURES, N_ALTERNATIVE = 50, 10
LOANS_PER_ENTERPRISE = 4
INTERCEPT = -3.0
"""Gives a default rate of 12 %."""

TRAIN_UNTIL, CALIBRATE_UNTIL, TEST_UNTIL = (
    date(2016, 12, 31),
    date(2017, 12, 31),
    date(2019, 12, 31),
)
LEARNERS = ("random_forest", "gradient_boosting")


def loans(n: int, seed: int = 20) -> pa.Table:
    """Return n approved loans with known outcomes, as int_credit__frame has them.

    They are decided from 2012 to 2019, four per enterprise on average. The log odds of default are
    a sum of linear terms, steps, squares and products of some features of either source; the others
    are noise. A tenth of the values of every fifth feature is missing.
    """
    rng = np.random.default_rng(seed)
    first = np.datetime64("2012-01-01")
    decided = first + rng.integers(2_922, size=n)
    enterprise = rng.integers(max(n // LOANS_PER_ENTERPRISE, 1), size=n)
    unit = 11 + enterprise % 31
    values = {}
    logit = np.full(n, INTERCEPT)
    before = np.zeros(n)
    for position in range(1, N_FEATURES + 1):
        x = rng.normal(size=n)
        place = position % 10
        if position <= 20 or position > N_FEATURES - 5:
            if place in (1, 2, 3, 6):
                logit += 0.25 * x
            elif place in (4, 7):
                logit += 0.4 * (x > 0.5)
            elif place in (5, 8):
                logit += 0.15 * (x**2 - 1)
            elif place == 9:
                logit += 0.2 * x * before
        before = x
        x = x if position % 3 else np.round(np.exp(x), 2)
        missing = rng.random(n) < 0.1 if place in (0, 5) else None
        values[f"value_{position}"] = pa.array(x, mask=missing)
    defaulted = rng.random(n) < 1 / (1 + np.exp(-logit))
    keys = np.char.zfill(rng.permutation(n).astype(str), 32)
    stamp = pa.timestamp("us")
    columns: dict[str, Any] = {
        "loan_key": pa.array(keys),
        "enterprise_key": pa.array(np.char.add("e", enterprise.astype(str))),
        "unit_id": pa.array(unit.astype(str)),
        "region": pa.array(np.array(["east", "central", "west", "northeast"])[unit % 4]),
        "decided_at": pa.array(decided).cast(stamp),
        "decision": pa.array(["approved"] * n),
        "matures_at": pa.array(decided + 360).cast(stamp),
        "outcome": pa.array(np.where(defaulted, "defaulted", "paid")),
        "outcome_known_at": pa.array(decided + np.where(defaulted, 200, 360)).cast(stamp),
        "amount": pa.array(np.round(rng.lognormal(3, 1, n), 2) + 1),
        "is_consented": pa.array(np.ones(n, dtype=bool)),
    }
    return pa.table(columns | values)


def features() -> pa.Table:
    """Return the description of the features, as int_credit__features has it: all known in time."""
    return pa.Table.from_pylist(
        [
            {
                "position": position,
                "feature": f"x{position}",
                "kind": "number",
                "source": "alternative" if position > N_FEATURES - N_ALTERNATIVE else "bank",
                "trend": "none",
                "n_late": 0,
                "n_undated": 0,
                "first_wrong": None,
                "first_late": None,
                "fault": None,
            }
            for position in range(1, N_FEATURES + 1)
        ]
    )


def models(learners: tuple[str, ...] = LEARNERS) -> pa.Table:
    """Return a model with all features for each learner, as int_credit__models has them."""
    return pa.Table.from_pylist(
        [
            {
                "model_code": learner,
                "learner": learner,
                "features": " ".join(f"x{k}" for k in range(1, N_FEATURES + 1)),
                "train_until": TRAIN_UNTIL,
                "calibrate_until": CALIBRATE_UNTIL,
                "test_until": TEST_UNTIL,
                "seed": 1,
                "outcomes": "final",
                "calibration": "isotonic" if learner == "random_forest" else "platt",
                "loss_given_default": 0.45,
                "interest_margin": 0.03,
            }
            for learner in learners
        ]
    )

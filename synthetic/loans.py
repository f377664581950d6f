"""Synthetic seeds of the credit models: loans, their features and the planted truth.

No loan here is real. A default follows a logit with known coefficients, so a model's AUC, the gain
of the alternative features and the absence of an effect of the province's index can be compared
with the truth. For the method see `docs/methods/synthetic_data.md`. From the project's root:

    python -m synthetic.loans     writes seeds/loans/*.csv and seeds/catalog/planted_credit_gain.csv

All numbers are chosen by us. Arrays have a row per application, shape (n,).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from synthetic.enterprises import INDUSTRIES
from synthetic.provinces import PROVINCES, random_stream

Vector = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]

LOANS_BY_YEAR = {
    2012: 320,
    2013: 370,
    2014: 420,
    2015: 480,
    2016: 540,
    2017: 900,
    2018: 250,
    2019: 100,
}
"""Applications without an enterprise. There are more in 2017, where models are calibrated."""
ENTERPRISE_LOANS = 3_000
"""Applications of enterprises, all in 2019: consents begin in December 2018."""

START = np.datetime64("2012-01-01")
LAST_DAY = np.datetime64("2021-12-31")
"""End of the data: an outcome that becomes known later is open."""
TEST_STARTS = np.datetime64("2018-01-01")

TERMS = {3: 0.25, 6: 0.40, 12: 0.22, 24: 0.08, 36: 0.05}
"""Shares of the terms in months. The risk does not depend on the term."""
SHORTEST_DELAY, LONGEST_DELAY = 30, 90
"""A default becomes known between days after the decision and days after maturity."""

POPULATION = 1_000_000


# The planted truth ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feature:
    """A numeric feature of a loan.

    Attributes:
        source: bank or alternative.
        coefficient: Effect on the logit of default, per unit above the reference.
        reference: Value whose effect is zero. An absent value has no effect either.
        absent: Share of the loans without a value, at random.
        meaning: Description and unit.

    """

    source: str
    coefficient: float
    reference: float
    absent: float
    meaning: str


FEATURES = {
    "debt_to_income": Feature("bank", 2.8, 0.4, 0.02, "debt over yearly income"),
    "loan_to_sales": Feature("bank", 3.0, 0.2, 0.05, "amount of the loan over yearly sales"),
    "months_as_client": Feature("bank", -0.015, 36, 0.0, "months as a client of the bank"),
    "late_payments": Feature("bank", 0.7, 0, 0.03, "late payments in the last 12 months"),
    "utility_arrears_months": Feature(
        "alternative", 0.45, 0, 0.10, "months with unpaid utility bills among the last 12"
    ),
    "platform_sales_growth": Feature(
        "alternative", -2.0, 0.1, 0.30, "yearly growth of sales on a platform, 0.1 is 10 %"
    ),
    "tax_paid_on_time": Feature(
        "alternative", -4.5, 1, 0.08, "share of the last 12 taxes paid on time"
    ),
}
SECTORS = dict(zip(INDUSTRIES, (0.0, 0.2, 0.7, -0.5, 0.4), strict=True))
"""Effect of each sector, a feature of the bank, relative to the first one."""
SECTOR_ABSENT = 0.01
INTERCEPT = -3.2
"""Logit of default of a loan of the first sector with every feature at its reference."""

DEBT_DRIFT, LATE_DRIFT = 0.02, 0.03
"""Growth of debt_to_income and late_payments per year, in logarithms.

Only the features drift. Given the features, the risk does not depend on time: a drift of the
intercept would give an effect to every index that grows.
"""

CUTOFF, BANK_NOISE = 2.1, 0.7
"""The bank refuses if the effects of its features plus noise (normal, sd) exceed the cutoff."""

LASTING = 0.7
"""Share of the variance of a feature that the loans of one enterprise share."""


# Applications -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Applications:
    """Applications with all that the generator knows about them.

    Attributes:
        decided: Days of the decisions.
        features: Values by numeric feature, NaN where absent.
        sector: Position in `SECTORS`, -1 where absent.
        bank: Sum of the effects of the bank's features on the logit of default.
        alternative: Sum of the effects of the alternative features.
        approved: Whether the bank lends.

    """

    decided: Days
    features: dict[str, Vector]
    sector: Codes
    bank: Vector
    alternative: Vector
    approved: Flags

    @property
    def probability(self) -> Vector:
        """Probability of default, if the bank lends."""
        return expit(INTERCEPT + self.bank + self.alternative)


def values(rng: np.random.Generator, decided: Days, client: Codes) -> dict[str, Vector]:
    """Draw the numeric features, rounded as in the file, before any are absent.

    Args:
        rng: Stream of random numbers.
        decided: Days of the decisions.
        client: Number of the applicant, from 0.

    """
    years = (decided - START) / np.timedelta64(1, "D") / 365.25
    month = decided.astype("datetime64[M]").astype(int) % 12
    lasting = {name: rng.standard_normal(client.max() + 1)[client] for name in FEATURES}
    z = {
        name: np.sqrt(LASTING) * part + np.sqrt(1 - LASTING) * rng.standard_normal(decided.size)
        for name, part in lasting.items()
    }

    def count(name: str, drift: Vector | float = 0.0) -> Vector:
        return np.minimum(12, np.floor(0.6 * np.exp(drift + 0.9 * z[name])))

    return {
        "debt_to_income": np.exp(-0.95 + DEBT_DRIFT * years + 0.45 * z["debt_to_income"]).round(2),
        "loan_to_sales": np.exp(-1.7 + 0.5 * z["loan_to_sales"]).round(2),
        "months_as_client": np.exp(3.3 + 0.8 * lasting["months_as_client"]).round() + month,
        "late_payments": count("late_payments", LATE_DRIFT * years),
        "utility_arrears_months": count("utility_arrears_months"),
        "platform_sales_growth": (0.1 + 0.25 * z["platform_sales_growth"]).round(2) + 0.0,
        "tax_paid_on_time": (1 - count("tax_paid_on_time") / 12).round(2),
    }


def effects(features: Mapping[str, Vector], source: str) -> Vector:
    """Sum the effects of the numeric features of a source on the logit of default."""
    return sum(
        np.nan_to_num(feature.coefficient * (features[name] - feature.reference))
        for name, feature in FEATURES.items()
        if feature.source == source
    )


def applications(
    rng: np.random.Generator, decided: Days, client: Codes, sector: Codes
) -> Applications:
    """Draw features and decisions.

    Args:
        rng: Stream of random numbers.
        decided: Days of the decisions.
        client: Number of the applicant, from 0.
        sector: Position of the applicant's sector in `SECTORS`.

    """
    n = decided.size
    features = {
        name: np.where(rng.random(n) < FEATURES[name].absent, np.nan, column)
        for name, column in values(rng, decided, client).items()
    }
    sector = np.where(rng.random(n) < SECTOR_ABSENT, -1, sector)
    bank = effects(features, "bank") + np.array([*SECTORS.values(), 0.0])[sector]
    approved = bank + BANK_NOISE * rng.standard_normal(n) < CUTOFF
    return Applications(decided, features, sector, bank, effects(features, "alternative"), approved)


def decision_days(rng: np.random.Generator) -> tuple[Days, Flags]:
    """Draw the days of the decisions, in order, and whether an enterprise applies."""
    years = np.repeat([*LOANS_BY_YEAR, 2019], [*LOANS_BY_YEAR.values(), ENTERPRISE_LOANS])
    of_enterprise = np.arange(years.size) >= years.size - ENTERPRISE_LOANS
    first = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    days = np.busday_offset(first + rng.integers(0, 365, years.size), 0, roll="forward")
    order = np.argsort(days, kind="stable")
    return days[order], of_enterprise[order]


# The files --------------------------------------------------------------------------------------


def history(enterprises: pd.DataFrame) -> tuple[Applications, Codes]:
    """Generate the applications of the file.

    Args:
        enterprises: The synthetic enterprises, as text.

    Returns:
        The applications in the order of the decisions, and the row of the enterprise of each, -1
        for other applicants.

    """
    rng = random_stream("loans")
    decided, of_enterprise = decision_days(rng)
    n = decided.size
    firm = rng.integers(len(enterprises), size=n)
    client = np.where(of_enterprise, firm, len(enterprises) + np.arange(n))
    industry = pd.Index(SECTORS).get_indexer(enterprises.industry)[firm]
    sector = np.where(of_enterprise, industry, rng.integers(len(SECTORS), size=n))
    return applications(rng, decided, client, sector), np.where(of_enterprise, firm, -1)


def loan_ids(n: int) -> list[str]:
    """Return the ids of the loans in the order of the decisions."""
    return [f"SL{number:05d}" for number in range(1, n + 1)]


def loans(made: Applications, firm: Codes, enterprises: pd.DataFrame) -> pd.DataFrame:
    """Draw amounts, terms and outcomes; return a row per loan.

    Args:
        made: The applications.
        firm: Row of the enterprise of each, -1 for other applicants.
        enterprises: The synthetic enterprises, as text.

    """
    rng = random_stream("outcomes of loans")
    n = firm.size
    term = rng.choice([*TERMS], size=n, p=[*TERMS.values()])
    matures = made.decided + (term * 30.4375).round().astype("timedelta64[D]")
    longest = (matures - made.decided).astype(int) + LONGEST_DELAY
    default_known = made.decided + rng.integers(SHORTEST_DELAY, longest, endpoint=True)
    defaulted = rng.random(n) < made.probability
    known = np.where(defaulted, default_known, matures)
    is_open = (matures > LAST_DAY) | (known > LAST_DAY)
    outcome = np.where(is_open, "open", np.where(defaulted, "defaulted", "paid"))

    of_enterprise = firm >= 0
    capital = np.where(
        of_enterprise,
        enterprises.registered_capital.astype(float).to_numpy()[firm],
        10 ** rng.uniform(5.7, 8, n),
    )
    amount = 10_000 * np.maximum(1, (capital * rng.lognormal(-2.3, 0.5, n) / 10_000).round())
    province = rng.choice(PROVINCES.astype(str), size=n)
    return pd.DataFrame(
        {
            "loan_id": loan_ids(n),
            "enterprise_id": np.where(
                of_enterprise, enterprises.enterprise_id.to_numpy()[firm], ""
            ),
            "unit_id": np.where(of_enterprise, "", province),
            "decided_at": made.decided.astype(str),
            "decision": np.where(made.approved, "approved", "refused"),
            "matures_at": np.where(made.approved, matures.astype(str), ""),
            "outcome": np.where(made.approved, outcome, ""),
            "outcome_known_at": np.where(made.approved & ~is_open, known.astype(str), ""),
            "amount": amount.astype(int),
        }
    )


def loan_features(made: Applications) -> pd.DataFrame:
    """Return a row per loan and feature with a value, each known up to 30 days before."""
    rng = random_stream("features of loans")
    n = made.sector.size
    texts = {
        "sector": (np.array([*SECTORS, ""])[made.sector], "bank"),
        **{
            name: (["" if np.isnan(x) else f"{x:g}" for x in column], FEATURES[name].source)
            for name, column in made.features.items()
        },
    }
    parts = [
        pd.DataFrame(
            {
                "loan_id": loan_ids(n),
                "feature": name,
                "value": text,
                "known_at": (made.decided - rng.integers(0, 31, n)).astype(str),
                "source": source,
            }
        )
        for name, (text, source) in texts.items()
    ]
    rows = pd.concat(parts).sort_values("loan_id", kind="stable")
    return rows[rows.value != ""]


def expected_auc(probability: Vector, score: Vector) -> float:
    """Return the AUC over all possible outcomes of the loans: each defaults with its probability.

    Without the noise of drawn outcomes. Equal scores are ordered by chance.
    """
    p = probability[np.argsort(score, kind="stable")]
    below = np.cumsum(1 - p) - (1 - p) / 2
    return float(p @ below / (p.sum() * (1 - p).sum()))


def population() -> dict[str, float]:
    """Return default rate and AUCs of the best scores among the approved loans of 2018 and 2019.

    The alternative features are independent of those of the bank. The probability of default given
    the bank's features therefore increases with the sum of their effects, and no score that uses
    only them has a larger AUC than this sum.
    """
    rng = random_stream("population of loans")
    days, _ = decision_days(rng)
    decided = rng.choice(days[days >= TEST_STARTS], size=POPULATION)
    sector = rng.integers(len(SECTORS), size=POPULATION)
    made = applications(rng, decided, np.arange(POPULATION), sector)
    bank, probability = made.bank[made.approved], made.probability[made.approved]
    auc_bank, auc_all = expected_auc(probability, bank), expected_auc(probability, probability)
    return {
        "auc_bank": auc_bank,
        "auc_all": auc_all,
        "gain": auc_all - auc_bank,
        "default_rate": float(probability.mean()),
    }


MEANINGS = {
    "auc_bank": "Largest AUC of a score of the bank's features",
    "auc_all": "Largest AUC of a score of all features",
    "gain": "auc_all minus auc_bank",
    "default_rate": "Share of loans that default",
}


def planted() -> pd.DataFrame:
    """Return the planted truth: a row per quantity with its value, as text, and description."""
    where = f"approved loans of 2018 and 2019 among {POPULATION:,} simulated applications"
    rows = [
        (name, round(value, 4), f"{MEANINGS[name]} ({where})")
        for name, value in population().items()
    ]
    rows.append(
        ("intercept", INTERCEPT, f"Logit of default: {INDUSTRIES[0]}, features at their references")
    )
    for name, feature in FEATURES.items():
        effect = f"Change of the logit of default per unit of {name} ({feature.meaning})"
        rows += [
            (f"coefficient_{name}", feature.coefficient, effect),
            (f"reference_{name}", feature.reference, "Value without effect; so is an absent value"),
        ]
    rows += [
        (f"coefficient_sector={name}", effect, f"Logit of default minus that of {INDUSTRIES[0]}")
        for name, effect in SECTORS.items()
    ]
    rows += [
        ("coefficient_index", 0, "Change of the logit of default per unit of the province's index"),
        ("drift_debt_to_income", DEBT_DRIFT, "Growth of debt_to_income per year, in logarithms"),
        ("drift_late_payments", LATE_DRIFT, "Growth of late_payments per year, in logarithms"),
    ]
    return pd.DataFrame(
        [(name, f"{value:g}", description) for name, value, description in rows],
        columns=["quantity", "value", "description"],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the synthetic seeds of the credit models."""
    parser = argparse.ArgumentParser(
        prog="python -m synthetic.loans",
        description="Generate the synthetic loans, from the project's root.",
    )
    parser.add_argument("--out", type=Path, default=Path("seeds/loans"), help="folder of the loans")
    parser.add_argument(
        "--out-catalog",
        type=Path,
        default=Path("seeds/catalog"),
        help="folder of the planted truth",
    )
    options = parser.parse_args(arguments)
    enterprises = pd.read_csv("seeds/enterprises/synthetic_enterprises.csv", dtype=str)
    made, firm = history(enterprises)
    options.out.mkdir(parents=True, exist_ok=True)
    for path, frame in (
        (options.out / "synthetic_loans.csv", loans(made, firm, enterprises)),
        (options.out / "synthetic_loan_features.csv", loan_features(made)),
        (options.out_catalog / "planted_credit_gain.csv", planted()),
    ):
        frame.to_csv(path, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

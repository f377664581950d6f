"""Small folders of loans with a planted logit, and builds of the part credit_models."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import duckdb
import numpy as np
import pandas as pd
from conftest import Build, DataDir, environment, is_quality, rows
from test_early_warning import enterprise_rows

from credit_indices.pipeline import enterprise_codes
from credit_indices.stats.credit import results

KEY = "a long key for tests"

TRAIN_UNTIL, CALIBRATE_UNTIL, TEST_UNTIL = "2017-06-30", "2018-06-30", "2019-06-30"

SECTORS = {"trade": 0.0, "mining": 0.9, "farming": -0.6}

MODEL = {
    "model_code": "logit",
    "learner": "logistic_regression",
    "features": "debt late sector sales",
    "train_until": TRAIN_UNTIL,
    "calibrate_until": CALIBRATE_UNTIL,
    "test_until": TEST_UNTIL,
    "seed": "1",
}

WHOLE_PART = ("credit_indices.marts.credit", "quarantined_loans")

PERIODS = range(2014, 2020)


@dataclass
class Loans:
    """Loans and their features, a row per loan; `sales` is alternative and may be missing."""

    loans: pd.DataFrame
    features: pd.DataFrame

    def tables(self, models: list[dict]) -> dict[str, list[dict]]:
        """Return the input tables, features in long form."""
        long = self.features.melt("loan_id", ["debt", "late", "sector", "sales"], "feature")
        long["known_at"] = np.tile(self.features.known_at, 4)
        long["source"] = np.where(long.feature == "sales", "alternative", "bank")
        return {
            "loans": records(self.loans),
            "loan_features": records(long[long.value.notna()]),
            "credit_models": [MODEL | model for model in models],
        }


def records(frame: pd.DataFrame) -> list[dict]:
    """Return the rows of a table, an empty text for a missing value."""
    return frame.astype(object).where(frame.notna(), "").to_dict("records")


def planted(n: int, seed: int = 7) -> Loans:
    """Draw n approved loans of 2015 to 2019 whose defaults follow a logit."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.integers(0, 5 * 365, n))
    decided = np.datetime64("2015-01-02") + days
    debt, late = rng.lognormal(-0.9, 0.5, n).round(3), rng.poisson(0.8, n)
    sales = rng.normal(0.1, 0.3, n).round(3)
    sector = rng.choice([*SECTORS], n)
    effect = np.array([SECTORS[name] for name in sector])
    margin = -2.0 + 1.5 * (debt - 0.4) + 0.6 * late - 2.0 * sales + effect
    defaulted = rng.random(n) < 1 / (1 + np.exp(-margin))
    matures = decided + rng.choice([90, 180, 360], n)
    known = np.where(defaulted, decided + rng.integers(10, 400, n), matures)
    ids = [f"L{number:04d}" for number in range(n)]
    loans = pd.DataFrame(
        {
            "loan_id": ids,
            "enterprise_id": "",
            "unit_id": rng.choice([*"abc"], n),
            "decided_at": decided.astype(str),
            "decision": "approved",
            "matures_at": matures.astype(str),
            "outcome": np.where(defaulted, "defaulted", "paid"),
            "outcome_known_at": known.astype(str),
            "amount": (rng.lognormal(11, 1, n) + 1).round(),
        }
    )
    features = pd.DataFrame(
        {
            "loan_id": ids,
            "debt": debt.astype(str),
            "late": late.astype(str),
            "sector": sector,
            "sales": np.where(rng.random(n) < 0.15, None, sales.astype(str)),
            "known_at": (decided - rng.integers(0, 31, n)).astype(str),
        }
    )
    return Loans(loans, features)


def index_tables() -> dict[str, list[dict]]:
    """Return an index of three units over six years in three variants, which differ in frame."""
    values = {
        code: (np.random.default_rng(place).random(3 * len(PERIODS)) * 90 + 5).round(2)
        for place, code in enumerate(("cable", "patents"))
    }
    cells = [(unit, period) for period in PERIODS for unit in "abc"]
    codes = {"by_period": ("by_period", ""), "pooled": ("pooled", ""), "early": ("pooled", "2014")}
    return {
        "observations": [
            {"unit_id": unit, "period": period, "indicator_code": code, "value": value}
            for code, column in values.items()
            for (unit, period), value in zip(cells, column, strict=True)
        ],
        "units": rows("""
            unit_id,name_en,name_zh,region
            a,Alpha,甲,north
            b,Beta,乙,north
            c,Gamma,丙,south
        """),
        "indicators": rows("""
            indicator_code,name_en,name_zh,unit,source_agency,data_origin,lower_bound,upper_bound,missing_policy
            cable,Cable,光缆,km,test,user,0,,fail
            patents,Patents,专利,count,test,user,0,,fail
        """),
        "indices": [
            {
                "index_code": code,
                "name_en": code,
                "name_zh": "测试",
                "normalization": "min_max",
                "score_base": "",
                "score_span": "",
                "frame": frame,
                "weighting": "entropy",
                "aggregation": "weighted_share",
                "reference_last_period": last,
            }
            for code, (frame, last) in codes.items()
        ],
        "index_nodes": [
            {
                "index_code": code,
                "node_code": code,
                "parent_code": "",
                "name_en": code,
                "name_zh": "测试",
                "fixed_weight": "",
            }
            for code in codes
        ],
        "index_indicators": [
            {"index_code": code, "indicator_code": each, "node_code": code, "direction": 1}
            for code in codes
            for each in values
        ],
    }


def enterprises(n: int) -> list[dict]:
    """Return enterprises in the units of `index_tables`."""
    return [
        row | {"province_code": "abc"[place % 3]} for place, row in enumerate(enterprise_rows(n))
    ]


class Warehouses:
    """Builds the part credit_models of folders, or single models of it with their ancestors."""

    def __init__(self, runner, seeded: Path, place: Path) -> None:
        self.runner, self.seeded, self.place = runner, seeded, place

    def build(
        self,
        data: DataDir | Path | None,
        *names: str,
        key: str = KEY,
        tested: bool = False,
    ) -> Build:
        """Build the marts of the part, or the models named; `tested`: run their tests too."""
        place = self.place / str(len([*self.place.iterdir()]))
        place.mkdir()
        warehouse = place / "credit_indices.duckdb"
        shutil.copy(self.seeded, warehouse)
        folder = data.write(place / "data") if isinstance(data, DataDir) else data
        nodes = self.runner.project["nodes"]
        asked = [
            f"+{name}" for name in names or ("credit_indices.marts.credit", "quarantined_loans")
        ]
        codes = self.runner.select(*asked)
        codes = {code for code in codes if not is_quality(nodes[code])}
        if tested:
            tests = self.runner.select("credit_indices", kinds=("test",))
            codes |= {
                code
                for code in tests
                if "credit" in nodes[code]["fqn"] and codes.issuperset(nodes[code]["depends_on"])
            }
        with (
            environment(**{enterprise_codes.KEY_VARIABLE: key}),
            patch.multiple(results, DRAWS=40, EXPLAINED=400, AVERAGED=100),  # to save time
        ):
            return self.runner.run(warehouse, codes, folder)


def key_of(loan_id: str) -> str:
    """Return the pseudonym of a loan."""
    with environment(**{enterprise_codes.KEY_VARIABLE: KEY}):
        return enterprise_codes.pseudonym(f"loan {loan_id}", "file")


def frame(build: Build, query: str) -> pd.DataFrame:
    """Return the result of a query."""
    with duckdb.connect(str(build.warehouse), read_only=True) as connection:
        return connection.sql(query).df()

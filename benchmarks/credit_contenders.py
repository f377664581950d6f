"""The models of credit risk by each contender, on the same planted loans, in a separate process.

    python benchmarks/credit_contenders.py ours --loans 1000000
    python benchmarks/credit_contenders.py ours --loans 1000000 --profile

Prints one line of JSON: seconds by learner, without imports and the making of the loans, and AUC
and Brier score out of time. What each does is in README.md.
"""

import argparse
import cProfile
import json
import pstats
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import planted_loans
import pyarrow as pa

Result = dict[str, Any]

STAGES = {
    "fits (LightGBM)": "_models",
    "margins of loans": "margin",
    "TreeSHAP of 5,000 loans": "contributions",
    "metrics with bootstrap": "evaluate",
    "differences with bootstrap": "compare",
    "groups with bootstrap": "by_group",
    "costs with bootstrap": "policies",
    "partial dependence (margins included)": "partial_dependence",
    "duplicates": "duplicates",
}
"""Functions of stats.credit whose time the profile shows; they may contain each other."""


def ours(loans: pa.Table, learners: tuple[str, ...]) -> dict[str, Result]:
    """Evaluate every model of the catalog, as the part credit_models does."""
    from credit_indices.stats.credit.results import results_table

    found = results_table(planted_loans.models(learners), planted_loans.features(), loans, 10)
    return {learner: _metrics(found, learner) for learner in learners}


def _metrics(found: pa.Table, learner: str) -> Result:
    rows = found.filter(pa.compute.field("model_code") == learner)
    fit = rows.filter(pa.compute.field("record") == "fit").to_pylist()[0]
    if fit["status"] != "ok":
        raise SystemExit(f"{fit['status']}: {fit['message']}")
    wanted = rows.filter(
        (pa.compute.field("record") == "performance")
        & (pa.compute.field("sample") == "out_of_time")
        & (pa.compute.field("features") == "all")
    ).to_pylist()
    return {row["metric"]: row["value"] for row in wanted if row["metric"] in ("auc", "brier")}


def scikit_learn(loans: pa.Table, learners: tuple[str, ...]) -> dict[str, Result]:
    """Fit once per learner and compute AUC and Brier score of the probabilities, out of time."""
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.metrics import brier_score_loss, roc_auc_score

    from credit_indices.stats.credit import trees

    values = np.column_stack(
        [loans[f"value_{k}"].to_numpy() for k in range(1, planted_loans.N_FEATURES + 1)]
    )
    defaulted = loans["outcome"].to_numpy() == "defaulted"
    days = loans["decided_at"].to_numpy().astype("datetime64[D]")
    train = days <= np.datetime64(planted_loans.TRAIN_UNTIL)
    test = days > np.datetime64(planted_loans.CALIBRATE_UNTIL)
    made: dict[str, Callable[[], Any]] = {
        "random_forest": lambda: RandomForestClassifier(
            trees.ROUNDS,
            max_samples=min(trees.MOST_LOANS, int(train.sum())),
            min_samples_leaf=trees.FOREST["min_data_in_leaf"],
            max_leaf_nodes=trees.FOREST["num_leaves"],
            n_jobs=-1,
            random_state=1,
        ),
        "gradient_boosting": lambda: HistGradientBoostingClassifier(
            max_iter=trees.ROUNDS,
            learning_rate=trees.BOOSTING["learning_rate"],
            max_leaf_nodes=trees.BOOSTING["num_leaves"],
            early_stopping=False,
            random_state=1,
        ),
    }
    found = {}
    for learner in learners:
        start = time.perf_counter()
        fitted = made[learner]().fit(values[train], defaulted[train])
        probability = fitted.predict_proba(values[test])[:, 1]
        found[learner] = {
            "auc": float(roc_auc_score(defaulted[test], probability)),
            "brier": float(brier_score_loss(defaulted[test], probability)),
            "seconds": time.perf_counter() - start,
        }
    return found


CONTENDERS = {"ours": ours, "scikit-learn": scikit_learn}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("contender", choices=CONTENDERS)
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--learners", nargs="+", default=list(planted_loans.LEARNERS))
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    work = CONTENDERS[arguments.contender]
    learners = tuple(arguments.learners)
    loans = planted_loans.loans(arguments.loans)
    profile = cProfile.Profile()
    start = time.perf_counter()
    if arguments.profile:
        profile.enable()
    found = work(loans, learners)
    seconds = time.perf_counter() - start
    result = {"seconds": seconds, "learners": found}
    if arguments.profile:
        profile.disable()
        result["stages"] = _stages(pstats.Stats(profile))
    print(json.dumps(result))


def _stages(profile: pstats.Stats) -> dict[str, float]:
    """Return the seconds of each stage."""
    return {
        stage: sum(
            times[3]
            for (path, _, name), times in profile.stats.items()
            if name == function and "stats/credit" in path
        )
        for stage, function in STAGES.items()
    }


if __name__ == "__main__":
    main()

"""Random forest and gradient boosting (LightGBM).

Both are LightGBM models with the binary log loss and without weights of classes. The contributions
are TreeSHAP values (Lundberg et al. 2020, Nature Machine Intelligence 2, 56-67), which LightGBM
computes exactly (`pred_contrib`).

The margin of boosting is the log odds of default. That of a forest is the mean of its trees, and a
tree takes one Newton step from the log odds of the training sample. With the share s of defaulted
loans among all loans and the share t in a leaf, the value of the leaf is
ln(s / (1 - s)) + (t - s) / (s (1 - s)). So the margin is linear in the mean share of the leaves,
which is the probability of a random forest, and has the same order. It is the log odds to first
order around s; calibrate it before use as a probability. A split of groups of categories shrinks
its leaves: `cat_l2` is added to the second derivatives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from credit_indices.stats.credit.arrays import Flags, Matrix, Vector
from credit_indices.stats.credit.features import Columns, Domain, read
from credit_indices.stats.credit.model import Model

if TYPE_CHECKING:
    from lightgbm import Booster

ROUNDS = 100
"""Trees of a model. On two public data sets, 200 with half the learning rate differ by at most
0.002 in the AUC."""

MOST_LOANS = 100_000
"""A tree is grown from a sample of at most so many loans; more make it slower, not better."""

FEATURES_OF_TREE = 10
"""A tree is grown from half of the features, or so many if that is more."""

SHARED = {
    "objective": "binary",
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
    "cat_l2": 1.0,
    "min_data_per_group": 20,
}

FOREST = {
    "boosting": "rf",
    "bagging_freq": 1,
    "num_leaves": 63,
    "max_depth": 10,
    "min_data_in_leaf": 3,
}

BAG = 0.632
"""Expected share of distinct loans in a bootstrap sample (Breiman 2001)."""

BOOSTING = {
    "boosting": "gbdt",
    "bagging_freq": 10,
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
}

MOST_BINNED = 200_000
"""Bins of numbers are made from a sample of at most so many loans."""

SMALL = 500_000
"""Number of values below which a prediction has one thread."""

CONSTRAINTS = {"none": 0, "increasing": 1, "decreasing": -1}


@dataclass(frozen=True)
class TreeModel(Model):
    """A forest or boosted trees.

    Attributes:
        booster: The trees.
        average: Whether the margin is the mean of the trees (forest), else their sum.
        threads: Number of threads of predictions, 0 for one below `SMALL` values and all above.

    """

    booster: Booster
    average: bool
    threads: int

    @property
    def base(self) -> float:
        """Mean margin of the training sample, weighted by the loans that grew each tree."""
        return float(self._explain(np.zeros((1, len(self.domains))))[0, -1])

    def uses(self, name: str) -> bool:
        """Return whether a tree splits the feature."""
        return self.gain_shares().get(name, 0.0) > 0

    def gain_shares(self) -> dict[str, float]:
        """Return the share of each feature in the total gain of the splits."""
        gain = self.booster.feature_importance("gain")
        total = gain.sum()
        return {
            feature.name: float(value / total)
            for feature, value in zip(self.features, gain, strict=True)
        }

    @property
    def _divisor(self) -> int:
        return self.booster.num_trees() if self.average else 1

    def _margin(self, columns: Columns) -> Vector:
        # LightGBM sums the raw scores of a forest too; only its probabilities are of the mean.
        values = _matrix(self.domains, columns)
        threads = self.threads or int(values.size < SMALL)
        raw = self.booster.predict(values, raw_score=True, num_threads=threads)
        return raw / self._divisor

    def _contributions(self, columns: Columns) -> Matrix:
        return self._explain(_matrix(self.domains, columns))[:, :-1]

    def _explain(self, values: Matrix) -> Matrix:
        found = self.booster.predict(values, pred_contrib=True, num_threads=self.threads)
        return found / self._divisor


def fit_trees(
    learner: str,
    domains: Sequence[Domain],
    columns: Columns,
    defaulted: Flags,
    seed: int,
    threads: int | None,
) -> TreeModel:
    """Return a forest or boosted trees.

    Args:
        learner: random_forest or gradient_boosting.
        domains: What the training sample contains, one per feature.
        columns: Values of every feature, each of shape (n,).
        defaulted: Outcomes, both present, shape (n,).
        seed: Seed of the samples of loans and features.
        threads: Number of threads, None for one in the fit, whose threads wait for each other
            longer than they work on a busy machine. The model does not depend on it.

    Raises:
        ValueError: If no tree splits a feature.

    """
    import lightgbm

    forest = learner == "random_forest"
    n, p = len(defaulted), len(domains)
    names = [f"f{position}" for position in range(p)]
    settings: dict[str, Any] = {
        **SHARED,
        **(FOREST if forest else BOOSTING),
        "seed": seed,
        "num_threads": threads or 1,
        "bin_construct_sample_cnt": min(n, MOST_BINNED),
        "monotone_constraints": [CONSTRAINTS[each.feature.trend] for each in domains],
    }
    per_tree = max(0.5, min(1.0, FEATURES_OF_TREE / p))
    settings["feature_fraction"] = per_tree
    settings["bagging_fraction"] = min(BAG if forest else 1.0, MOST_LOANS / n)
    if forest:
        # Each split chooses among the square root of the number of features (Breiman 2001).
        settings["feature_fraction_bynode"] = min(1.0, np.sqrt(p) / (per_tree * p))
    data = lightgbm.Dataset(
        _matrix(domains, columns),
        np.asarray(defaulted, dtype=np.float64),
        feature_name=names,
        categorical_feature=[
            position for position, each in enumerate(domains) if each.feature.kind == "category"
        ],
        params=settings,
    )
    booster = lightgbm.train(settings, data, num_boost_round=ROUNDS)
    if not booster.feature_importance("split").any():
        raise ValueError(
            f"No tree of {learner} splits a feature; expected a split among {n} loans. Add loans, "
            "or use another learner."
        )
    return TreeModel(learner, tuple(domains), {}, booster, forest, threads or 0)


def _matrix(domains: Sequence[Domain], columns: Columns) -> Matrix:
    """Return numbers, and codes of categories, as columns, shape (n, p).

    A feature that no tree splits may be absent; it has NaN.
    """
    n = len(next(iter(columns.values())))
    result = np.full((n, len(domains)), np.nan)
    for position, each in enumerate(domains):
        values = columns.get(each.feature.name)
        if values is None:
            continue
        if each.feature.kind == "category":
            result[:, position] = each.codes(values)
        else:
            result[:, position] = read(each.feature, values)[0]
    return result

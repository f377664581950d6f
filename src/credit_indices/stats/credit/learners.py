"""Fits of models of default: scorecard, logistic regression, random forest, gradient boosting.

The rows are expected in a canonical order, such as by the key of the loan. The fit depends then on
nothing but the values, the seed and the versions of the libraries: not on threads or hash seeds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from credit_indices.stats.credit.arrays import as_two_classes
from credit_indices.stats.credit.features import (
    Columns,
    Feature,
    check_names,
    column,
    domain,
)
from credit_indices.stats.credit.linear import fit_logistic_model, fit_scorecard_model
from credit_indices.stats.credit.model import Model
from credit_indices.stats.credit.trees import fit_trees

LEARNERS = ("scorecard", "logistic_regression", "random_forest", "gradient_boosting")

TRENDS_OF = {
    "scorecard": ("none", "increasing", "decreasing", "either"),
    "logistic_regression": ("none",),
    "random_forest": ("none", "increasing", "decreasing"),
    "gradient_boosting": ("none", "increasing", "decreasing"),
}
"""Trends of features that each learner supports."""


def fit(
    learner: str,
    features: Sequence[Feature],
    columns: Columns,
    defaulted: ArrayLike,
    *,
    seed: int,
    threads: int | None = None,
) -> Model:
    """Return a model of default, without calibration and without weights of classes.

    Args:
        learner: One of `LEARNERS`.
        features: At least one, in the order of the contributions.
        columns: Values of every feature on the training slice, each of shape (n,): numbers with NaN
            for missing, or text with None for missing. Other columns are ignored.
        defaulted: Outcomes, shape (n,).
        seed: Seed of the samples of loans and features (forest only; the others have none).
        threads: Number of threads of a fit of trees, None for one. The model does not depend on it.

    Raises:
        ValueError: If the learner is unknown or does not support a trend, a feature is absent,
            repeats, has no value, another kind or an infinite value, only one outcome is present,
            no feature remains, or (scorecard, logistic regression) one separates the outcomes.

    """
    if learner not in LEARNERS:
        raise ValueError(f"The learner is {learner!r}; expected {', '.join(LEARNERS)}.")
    outcome = as_two_classes(defaulted)
    check_names(features)
    for feature in features:
        _check_trend(learner, feature)
        n = np.asarray(column(columns, feature.name)).size
        if n != outcome.size:
            raise ValueError(
                f"Feature {feature.name} has {n} values for {outcome.size} outcomes; expected one "
                "per loan."
            )
    domains = [domain(feature, columns[feature.name]) for feature in features]
    if learner == "scorecard":
        return fit_scorecard_model(domains, columns, outcome)
    if learner == "logistic_regression":
        return fit_logistic_model(domains, columns, outcome)
    return fit_trees(learner, domains, columns, outcome, seed, threads)


def _check_trend(learner: str, feature: Feature) -> None:
    if feature.trend not in TRENDS_OF[learner]:
        able = [name for name in LEARNERS if feature.trend in TRENDS_OF[name]]
        raise ValueError(
            f"Feature {feature.name} has the trend {feature.trend}, which {learner} does not "
            f"support. Remove the trend, or use {' or '.join(able)}."
        )

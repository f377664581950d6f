"""Explanations of a model: importance of features and partial dependence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from credit_indices.stats.credit.arrays import Vector
from credit_indices.stats.credit.features import Columns, column, read
from credit_indices.stats.credit.model import Model
from credit_indices.stats.credit.regression import expit


def importance(contributions: ArrayLike) -> Vector:
    """Return the mean |contribution| of each feature over the scorable loans, shape (p,).

    Lundberg et al. (2020), in units of log odds.

    Args:
        contributions: Shape (n, p); the row of an unscorable loan is NaN.

    Raises:
        ValueError: If no loan is scorable.

    """
    values = np.asarray(contributions, dtype=np.float64)
    scorable = ~np.isnan(values).any(axis=1)
    if not scorable.any():
        raise ValueError(
            f"None of {scorable.size} loans is scorable, so no feature has an importance. Look for "
            "values that the training sample did not contain."
        )
    return np.abs(values[scorable]).mean(axis=0)


def partial_dependence(
    model: Model,
    columns: Columns,
    feature: str,
    points: int = 20,
    probability: Callable[[Vector], Vector] = expit,
) -> tuple[NDArray[Any], Vector]:
    """Return values of a feature and the mean probability of default if every loan had that value.

    Friedman (2001), Annals of Statistics 29, 1189-1232, section 8.2. A number takes quantiles of
    `columns` from 2.5 to 97.5 % (an extreme may be that of a known loan), a category every category
    of the training sample. Missing values are not among them. Loans that are unscorable for another
    feature do not count. The cost is one prediction of all loans per value: a sample of 10,000
    loans is enough for the mean.

    Args:
        model: The model.
        columns: Values of every feature, each of shape (n,).
        feature: One of the features of the model.
        points: Number of values of a number at most, at least 2.
        probability: Makes probabilities of margins, such as `apply` of a calibration. A forest
            needs one, as its margin is not a log odds far from the average.

    Raises:
        ValueError: If the model does not have the feature, there are fewer than 2 points, or no
            loan is scorable.

    """
    domains = {each.feature.name: each for each in model.domains}
    if feature not in domains:
        raise ValueError(f"The model has no feature {feature}; expected {', '.join(domains)}.")
    if points < 2:
        raise ValueError(f"The number of points is {points}; expected at least 2.")
    chosen = domains[feature]
    values, gone = read(chosen.feature, column(columns, feature))
    if chosen.feature.kind == "category":
        grid = np.array(chosen.categories, dtype=object)
    else:
        levels = np.linspace(0.025, 0.975, points)
        grid = np.unique(np.quantile(values[~gone], levels, method="inverted_cdf"))
    means = []
    for value in grid:
        margin = model.margin({**columns, feature: np.full(values.size, value, values.dtype)})
        scorable = ~np.isnan(margin)
        if not scorable.any():
            raise ValueError(
                f"None of {values.size} loans is scorable for the partial dependence on {feature}. "
                "Look for values that the training sample did not contain."
            )
        means.append(float(np.mean(probability(margin[scorable]))))
    return grid, np.array(means)

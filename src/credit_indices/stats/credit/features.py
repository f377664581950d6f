"""Features of loans, and what the training sample contained of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from credit_indices.stats.credit.arrays import Counts, Flags
from credit_indices.stats.credit.scorecard import Trend

Columns = Mapping[str, ArrayLike]

KINDS = ("number", "category")
TRENDS = ("none", "increasing", "decreasing", "either")


@dataclass(frozen=True)
class Feature:
    """A feature of a model.

    Attributes:
        name: Its name among the columns.
        kind: `number` (doubles, NaN for missing) or `category` (text, None for missing).
        trend: Trend of the risk of default over the values of a number. `increasing`: a higher
            value never lowers the risk. `either` is for scorecards only.

    """

    name: str
    kind: Literal["number", "category"]
    trend: Trend = "none"

    def __post_init__(self):
        for word, value, allowed in (("kind", self.kind, KINDS), ("trend", self.trend, TRENDS)):
            if value not in allowed:
                raise ValueError(
                    f"The {word} of feature {self.name} is {value!r}; expected "
                    f"{', '.join(allowed)}."
                )
        if self.kind == "category" and self.trend != "none":
            raise ValueError(
                f"Feature {self.name} is a category and cannot have the trend {self.trend}. "
                "Remove the trend."
            )


@dataclass(frozen=True)
class Domain:
    """Values of a feature that the training sample contained.

    Attributes:
        feature: The feature.
        categories: Categories in alphabetical order; empty for a number.
        missing: Whether a value was missing.

    """

    feature: Feature
    categories: tuple[str, ...]
    missing: bool

    def codes(self, values: ArrayLike) -> Counts:
        """Return the place of each value among the categories, shape (n,).

        A missing value has the number of categories as its code, an unknown category -1.

        Args:
            values: Text with None for missing, shape (n,).

        Raises:
            ValueError: If a value is not text.

        """
        import pandas as pd

        array, gone = read(self.feature, values)
        places = pd.Index(self.categories, dtype=object).get_indexer(pd.Index(array, dtype=object))
        return np.where(gone, len(self.categories), places)

    def outside(self, values: ArrayLike) -> Flags:
        """Return which values the training sample did not contain, shape (n,).

        These are unknown categories, and missing values if none was missing there. Every number
        is inside.

        Raises:
            ValueError: As `read`.

        """
        if self.feature.kind == "number":
            _, gone = read(self.feature, values)
            return gone & (not self.missing)
        codes = self.codes(values)
        return (codes < 0) | ((codes == len(self.categories)) & (not self.missing))


def domain(feature: Feature, values: ArrayLike) -> Domain:
    """Return what a training sample contains of a feature; errors as `read`."""
    import pandas as pd

    array, gone = read(feature, values)
    if gone.all():
        raise ValueError(
            f"Feature {feature.name} has no value in the training sample. Remove the feature."
        )
    found = () if feature.kind == "number" else tuple(sorted(pd.unique(array[~gone])))
    return Domain(feature, found, bool(gone.any()))


def read(feature: Feature, values: ArrayLike) -> tuple[NDArray[Any], Flags]:
    """Return the values, doubles or text, and which are missing, both of shape (n,).

    Raises:
        ValueError: If the values have another kind than the feature, or one is infinite.

    """
    import pandas as pd

    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{feature.name} has shape {array.shape}; expected (n,).")
    if feature.kind == "number":
        return _numbers(feature.name, array)
    array = array.astype(object)
    gone = np.asarray(pd.isna(array))
    if not all(isinstance(value, str) for value in pd.unique(array[~gone])):
        raise ValueError(
            f"{feature.name} has values that are not text; expected text, since it is a category. "
            "Convert the values, or declare a number."
        )
    return array, gone


def column(columns: Columns, name: str) -> ArrayLike:
    """Return the values of a feature.

    Raises:
        ValueError: If there is no such column.

    """
    if name not in columns:
        raise ValueError(f"Feature {name} is absent; there are: {', '.join(columns)}.")
    return columns[name]


def check_names(features: Sequence[Feature]) -> None:
    """Refuse an empty list of features, and a name that repeats.

    Raises:
        ValueError: The message names the first feature that repeats.

    """
    names = [feature.name for feature in features]
    if not names:
        raise ValueError("The model has no feature. Name at least one.")
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise ValueError(f"Feature {repeated[0]} is named more than once. Name it once.")


def _numbers(name: str, array: NDArray[Any]) -> tuple[NDArray[Any], Flags]:
    try:
        numbers = array.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} has values that are not numbers; expected numbers or missing values. "
            "Convert the values, or declare a category."
        ) from None
    infinite = np.isinf(numbers)
    if infinite.any():
        raise ValueError(
            f"{name} has {int(infinite.sum())} infinite values (first: row "
            f"{int(np.flatnonzero(infinite)[0])}); expected finite or missing values. Correct the "
            "value or leave it empty."
        )
    return numbers, np.isnan(numbers)

"""What every fitted model of default has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from credit_indices.stats.credit.arrays import Flags, Matrix, Vector
from credit_indices.stats.credit.features import Columns, Domain, Feature, column


@dataclass(frozen=True)
class Model(ABC):
    """A fitted model of default.

    Attributes:
        learner: Its learner, see `learners.LEARNERS`.
        domains: What the training sample contained, one per feature.
        left_out: Features, or columns made from them, that the fit left out, with the reason.

    """

    learner: str
    domains: tuple[Domain, ...]
    left_out: Mapping[str, str]

    @property
    def features(self) -> tuple[Feature, ...]:
        """Features in the order of the contributions, with those that were left out."""
        return tuple(each.feature for each in self.domains)

    def unscorable(self, columns: Columns) -> dict[str, Flags]:
        """Return by feature which loans have a value that the training did not contain.

        These are unknown categories, and missing values if none was missing in the training. A
        feature that the model does not use has no effect and is not listed.

        Args:
            columns: Values of every feature, each of shape (n,).

        Raises:
            ValueError: If a feature is absent, has the wrong kind or another number of values, or
                is infinite.

        """
        found = {
            each.feature.name: each.outside(column(columns, each.feature.name))
            for each in self.domains
            if self.uses(each.feature.name)
        }
        sizes = {name: flags.size for name, flags in found.items()}
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise ValueError(f"The features have different numbers of values: {listed}.")
        return found

    def margin(self, columns: Columns) -> Vector:
        """Return the uncalibrated log odds of default, shape (n,), NaN for an unscorable loan.

        Errors as `unscorable`.
        """
        scorable, selected = self._scorable(columns)
        result = np.full(scorable.size, np.nan)
        if selected:
            result[scorable] = self._margin(selected)
        return result

    def contributions(self, columns: Columns) -> tuple[float, Matrix]:
        """Return the base and the contribution of each feature to the margin, shape (n, p).

        Base and contributions of a loan add up to its margin. The row of an unscorable loan is
        NaN. Errors as `unscorable`.
        """
        scorable, selected = self._scorable(columns)
        result = np.full((scorable.size, len(self.domains)), np.nan)
        if selected:
            result[scorable] = self._contributions(selected)
        return self.base, result

    @property
    @abstractmethod
    def base(self) -> float:
        """Margin without any contribution: that of the average loan of the training sample."""

    @abstractmethod
    def uses(self, name: str) -> bool:
        """Return whether the margin depends on a feature."""

    @abstractmethod
    def gain_shares(self) -> dict[str, float]:
        """Return the share of each feature in the fit; the shares add up to 1."""

    @abstractmethod
    def _margin(self, columns: Columns) -> Vector:
        """Return the margin of scorable loans."""

    @abstractmethod
    def _contributions(self, columns: Columns) -> Matrix:
        """Return the contributions of scorable loans."""

    def _scorable(self, columns: Columns) -> tuple[Flags, Columns]:
        """Return which loans are scorable, and their values; no values if there is no loan."""
        flags = self.unscorable(columns)
        scorable = ~np.any(list(flags.values()), axis=0)
        if not scorable.any():
            return scorable, {}
        if scorable.all():
            return scorable, {name: columns[name] for name in flags}
        return scorable, {name: np.asarray(columns[name])[scorable] for name in flags}

"""Wild cluster bootstrap of OLS coefficients: inference with few clusters.

Each coefficient's null is imposed in turn. The residuals of the restricted regression are
multiplied by one random number per cluster, the regression with its fixed effects is run again, and
the coefficient's t statistic is compared with that of the data. No row is read again: a projection
is linear, so every part of a bootstrap t is a small matrix times the weights. Reweighting a unit
changes the period effects; the matrix accounts for this exactly, and therefore needs rows, not
cross-products per unit.

Sources: Cameron, Gelbach & Miller (2008); Roodman, MacKinnon, Nielsen & Webb (2019) for the
algebra; Davidson & MacKinnon (2000) for (1 + #) / (B + 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Codes = NDArray[np.intp]

SEED = 1731
DRAWS = 9_999
MAX_CLUSTERS = 1_000

TIE = 1e-9
"""Relative tolerance within which a bootstrap t equals that of the data.

With few clusters many draws reproduce the data, and rounding must not decide whether they count.
"""

SINGULAR = 1e-10
"""Eigenvalues below this are zero: of period effects, scaled to 0..1, and of correlations.

Effects and other regressors must also leave this share of a regressor's variance.
"""

BLOCK = 2_000_000
"""Numbers in a block of weights, about 16 MB."""


class Weights(NamedTuple):
    """A distribution with mean 0 and variance 1 on a few points.

    Attributes:
        points: Shape (m,).
        probabilities: Shape (m,); None if all are equal.

    """

    points: Vector
    probabilities: Vector | None = None

    def draw(self, generator: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.uint8]:
        """Draw the positions of points."""
        if self.probabilities is None:
            return generator.integers(self.points.size, size=shape, dtype=np.uint8)
        drawn = generator.choice(self.points.size, size=shape, p=self.probabilities)
        return drawn.astype(np.uint8)


ROOT_5 = np.sqrt(5.0)

WEIGHTS = {
    "mammen": Weights(
        np.array([1 - ROOT_5, 1 + ROOT_5]) / 2, np.array([ROOT_5 + 1, ROOT_5 - 1]) / (2 * ROOT_5)
    ),
    "rademacher": Weights(np.array([-1.0, 1.0])),
    "webb": Weights(
        np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
    ),
}
"""Values of the dbt variable bootstrap_weights: Mammen (1993), Davidson & Flachaire (2008), Webb
(2023)."""


@dataclass(frozen=True)
class WildBootstrap:
    """Estimates and bootstrap p-values of k coefficients.

    Attributes:
        coefficients: OLS, shape (k,).
        std_errors: CR1, shape (k,).
        t_statistics: Their ratio, shape (k,).
        p_values: Two-sided, symmetric, for the null that the coefficient is zero, shape (k,).
        draws: B.
        seed: Of the generator.
        weights: Their distribution, a key of `WEIGHTS`.
        n_clusters: Units, N.

    """

    coefficients: Vector
    std_errors: Vector
    t_statistics: Vector
    p_values: Vector
    draws: int
    seed: int
    weights: str
    n_clusters: int


def wild_cluster_bootstrap(
    y: ArrayLike,
    x: ArrayLike,
    units: ArrayLike,
    periods: ArrayLike | None = None,
    *,
    has_unit_effects: bool = True,
    has_period_effects: bool = True,
    clusters: ArrayLike | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    weights: str = "webb",
    max_clusters: int = MAX_CLUSTERS,
) -> WildBootstrap | None:
    """Wild cluster bootstrap p-value of every coefficient.

    The result depends neither on the order of rows, nor on the codes of units and periods beyond
    their order, nor on the number of threads.

    Args:
        y: Outcome, shape (n,).
        x: Regressors without the intercept, shape (n, k). An intercept is always implied.
        units: The unit of each row, shape (n,): anything that sorts.
        periods: The period of each row, shape (n,); not needed without period effects.
        has_unit_effects: Whether the regression has them.
        has_period_effects: Whether the regression has them.
        clusters: The cluster of each row, shape (n,); the units by default. Under unit effects a
            unit must lie in one cluster.
        draws: B.
        seed: Of the generator of this call.
        weights: Their distribution, a key of `WEIGHTS`.
        max_clusters: More clusters than this get no bootstrap.

    Returns:
        The result, or None above `max_clusters` clusters, where CR1 is reliable.

    Raises:
        ValueError: Unknown weights; missing values; one cluster; units that straddle clusters; no
            more rows than parameters; regressors that are collinear or absorbed by the fixed
            effects.

    """
    distribution = distribution_of(weights)
    cluster_codes = _codes(units if clusters is None else clusters)
    if cluster_codes.max(initial=0) >= max_clusters:
        return None
    frame = _frame(
        y, x, _codes(units), periods, cluster_codes, has_unit_effects, has_period_effects
    )
    generator = np.random.default_rng(seed)
    positions = distribution.draw(generator, (draws, frame.n_clusters))

    k = frame.x.shape[1]
    reached = np.zeros(k, dtype=np.int64)
    block = max(1, BLOCK // frame.n_clusters)
    tests = [frame.test(j) for j in range(k)]
    for start in range(0, draws, block):
        drawn = distribution.points[positions[start : start + block]].T
        for j, test in enumerate(tests):
            numerator, squares = test.statistics(drawn)
            left = numerator**2 * test.observed_squares
            right = test.observed_numerator**2 * squares
            reached[j] += np.count_nonzero(left >= right * (1 - TIE))

    coefficients = np.array([test.observed_numerator / test.length for test in tests])
    variances = np.array([test.observed_squares / test.length**2 for test in tests])
    std_errors = np.sqrt(frame.cr1_factor * variances)
    with np.errstate(divide="ignore", invalid="ignore"):
        t_statistics = coefficients / std_errors
    return WildBootstrap(
        coefficients=coefficients / frame.x_units,
        std_errors=std_errors / frame.x_units,
        t_statistics=t_statistics,
        p_values=(1 + reached) / (draws + 1),
        draws=draws,
        seed=seed,
        weights=weights,
        n_clusters=frame.n_clusters,
    )


def distribution_of(weights: str) -> Weights:
    """Return the distribution of this name.

    Raises:
        ValueError: There is none.

    """
    if weights not in WEIGHTS:
        raise ValueError(f"bootstrap_weights is {weights!r}; expected one of {', '.join(WEIGHTS)}.")
    return WEIGHTS[weights]


@dataclass(frozen=True)
class _Effects:
    """Unit and period effects of n rows, or the intercept if there are neither.

    Attributes:
        units: Codes 0..N - 1, shape (n,).
        periods: Codes 0..T - 1, shape (n,); all zero, an intercept, without period effects.
        by_unit: Whether there are unit effects.
        by_period: Whether `periods` are taken out: not under unit effects alone.

    """

    units: Codes
    periods: Codes
    by_unit: bool
    by_period: bool

    @cached_property
    def counts(self) -> Matrix:
        """Rows per unit and period, shape (N, T)."""
        n_units, n_periods = self.units.max() + 1, self.periods.max() + 1
        cells = np.bincount(self.units * n_periods + self.periods, minlength=n_units * n_periods)
        return cells.reshape(n_units, n_periods).astype(np.float64)

    @cached_property
    def _dense_inverse(self) -> tuple[Matrix, int]:
        """Inverse of the smaller side's normal equations, the other side's effects out; its rank.

        Scaled by the counts its eigenvalues lie in 0..1, one zero per connected component.
        """
        counts = self.counts if self._units_are_fewer else self.counts.T
        sizes, other_sizes = counts.sum(axis=1), counts.sum(axis=0)
        root = np.sqrt(sizes)
        shares = (counts / other_sizes) @ counts.T / np.outer(root, root)
        values, vectors = np.linalg.eigh(np.eye(root.size) - shares)
        keep = values > SINGULAR
        half = vectors[:, keep] / np.sqrt(values[keep]) / root[:, None]
        return half @ half.T, int(keep.sum())

    @property
    def _units_are_fewer(self) -> bool:
        return self.counts.shape[0] < self.counts.shape[1]

    @cached_property
    def period_rank(self) -> int:
        """Rank of the period effects beyond the unit effects, or beyond the intercept."""
        if not self.by_period:
            return 0
        n_units, n_periods = self.counts.shape
        if not self.by_unit:
            return n_periods - 1
        rank = self._dense_inverse[1]
        return n_periods - (n_units - rank) if self._units_are_fewer else rank

    def period_effects(self, sums: Matrix) -> Matrix:
        """Effects from period sums of unit-demeaned variables, (T, q): exact if unbalanced."""
        sizes = self.counts.sum(axis=0)[:, None]
        if not self.by_unit:
            return sums / sizes
        inverse = self._dense_inverse[0]
        if not self._units_are_fewer:
            return inverse @ sums
        return sums / sizes + self.counts.T @ (inverse @ (self.counts @ (sums / sizes))) / sizes

    def residuals(self, values: Matrix) -> Matrix:
        """Residuals of columns after removing the effects, shape (n, q)."""
        if self.by_unit:
            values = values - self._unit_means(values)
        if self.by_period:
            sums = _sums(self.periods, values, self.counts.shape[1])
            values = values - self.period_effects(sums)[self.periods]
            if self.by_unit:
                values = values - self._unit_means(values)
        return values

    def _unit_means(self, values: Matrix) -> Matrix:
        sums = _sums(self.units, values, self.counts.shape[0])
        return (sums / self.counts.sum(axis=1)[:, None])[self.units]


@dataclass(frozen=True)
class _Test:
    """One coefficient's bootstrap: H w = `own` w - `left` (`right`' w) are its cluster scores.

    Attributes:
        own: Regressor times restricted residual, summed per cluster, shape (N,).
        left: How a cluster's score depends on effects and other coefficients, shape (N, r).
        right: How those depend on each cluster's weight, shape (N, r).
        length: Residual sum of squares of the regressor on effects and other regressors.
        observed_numerator: Coefficient of the data times `length`.
        observed_squares: Sum of squared cluster scores of the data.

    """

    own: Vector
    left: Matrix
    right: Matrix
    length: float
    observed_numerator: float
    observed_squares: float

    def statistics(self, weights: Matrix) -> tuple[Vector, Vector]:
        """Coefficient times length, and sum of squared cluster scores, per column of (N, B)."""
        if self.left.shape[1] < self.left.shape[0]:
            scores = self.own[:, None] * weights - self.left @ (self.right.T @ weights)
        else:
            scores = (np.diag(self.own) - self.left @ self.right.T) @ weights
        return self.own @ weights, np.einsum("gb,gb->b", scores, scores)


@dataclass(frozen=True)
class _Frame:
    """Rows without their fixed effects, regressors of length one.

    Attributes:
        y: Shape (n,).
        x: Shape (n, k).
        x_units: Lengths of the regressors, shape (k,).
        effects: The effects that were removed.
        clusters: Codes 0..N - 1, shape (n,).

    """

    y: Vector
    x: Matrix
    x_units: Vector
    effects: _Effects
    clusters: Codes

    @cached_property
    def n_clusters(self) -> int:
        return int(self.clusters.max()) + 1

    @property
    def cr1_factor(self) -> float:
        n, k = self.x.shape
        free = n - k - 1 - self.effects.period_rank
        return (n - 1) / free * self.n_clusters / (self.n_clusters - 1)

    @cached_property
    def _inverse(self) -> Matrix:
        return np.linalg.inv(self.x.T @ self.x)

    @cached_property
    def _residuals(self) -> Vector:
        return self.y - self.x @ (self._inverse @ (self.x.T @ self.y))

    def test(self, j: int) -> _Test:
        """Prepare the bootstrap of coefficient j under the null that it is zero.

        The regressor and the restricted residuals are orthogonal to the unit effects within each
        cluster, so reweighting changes only the period effects and the other coefficients.
        """
        length = 1 / self._inverse[j, j]
        regressor = self.x @ (self._inverse[:, j] * length)
        numerator = float(regressor @ self.y)
        restricted = self._residuals + regressor * (numerator / length)
        left = [self._by_cluster(regressor[:, None] * self.x) @ self._inverse]
        right = [self._by_cluster(restricted[:, None] * self.x)]
        if self.effects.by_period:
            left.append(self.effects.period_effects(self._by_cell(regressor).T).T)
            right.append(self._by_cell(restricted))
        scores = self._by_cluster((regressor * self._residuals)[:, None])
        return _Test(
            own=self._by_cluster((regressor * restricted)[:, None])[:, 0],
            left=np.hstack(left),
            right=np.hstack(right),
            length=float(length),
            observed_numerator=numerator,
            observed_squares=float(np.sum(scores**2)),
        )

    def _by_cluster(self, values: Matrix) -> Matrix:
        """Sum columns (n, q) per cluster, shape (N, q)."""
        return _sums(self.clusters, values, self.n_clusters)

    def _by_cell(self, values: Vector) -> Matrix:
        """Sum a column per cluster and period, shape (N, T)."""
        n_periods = self.effects.counts.shape[1]
        cells = self.clusters * n_periods + self.effects.periods
        return np.bincount(cells, values, self.n_clusters * n_periods).reshape(-1, n_periods)


def _frame(
    y: ArrayLike,
    x: ArrayLike,
    units: Codes,
    periods: ArrayLike | None,
    clusters: Codes,
    has_unit_effects: bool,
    has_period_effects: bool,
) -> _Frame:
    """Sort rows, so that their order cannot matter, and remove the effects."""
    n = units.size
    values = np.column_stack([np.asarray(y, float), np.asarray(x, float).reshape(n, -1)])
    k = values.shape[1] - 1
    if not np.isfinite(values).all():
        raise ValueError("Outcome or regressors have missing values: drop their rows first.")
    if has_period_effects and periods is None:
        raise ValueError("Period effects need the period of every row.")
    if clusters.max(initial=0) == 0:
        raise ValueError("A clustered test needs at least two clusters; there is one.")
    if has_unit_effects and np.unique(np.c_[units, clusters], axis=0).shape[0] > units.max() + 1:
        raise ValueError("Under unit effects every unit must lie in one cluster.")
    period_codes = _codes(periods) if has_period_effects else np.zeros(n, dtype=np.intp)
    order = np.lexsort((*values.T[::-1], period_codes, units))
    effects = _Effects(
        units=units[order],
        periods=period_codes[order],
        by_unit=has_unit_effects,
        by_period=has_period_effects or not has_unit_effects,
    )
    if n <= k + 1 + effects.period_rank:
        raise ValueError(f"{n} rows are too few for {k + 1 + effects.period_rank} parameters.")
    values = values[order] - values[order].mean(axis=0)
    before = np.linalg.norm(values, axis=0)[1:]
    values = effects.residuals(values)
    lengths = np.linalg.norm(values, axis=0)[1:]
    if not np.all(lengths**2 > SINGULAR * before**2):
        raise ValueError("The fixed effects absorb a regressor.")
    frame = _Frame(values[:, 0], values[:, 1:] / lengths, lengths, effects, clusters[order])
    if np.linalg.eigvalsh(frame.x.T @ frame.x)[0] <= SINGULAR:
        raise ValueError("Regressors are collinear within the fixed effects.")
    return frame


def _codes(values: ArrayLike) -> Codes:
    """Replace values by the numbers 0, 1, ... of their order, shape (n,)."""
    return np.unique(np.asarray(values), return_inverse=True)[1]


def _sums(codes: Codes, values: Matrix, size: int) -> Matrix:
    """Sum columns (n, q) per code, shape (size, q)."""
    return np.column_stack([np.bincount(codes, column, size) for column in values.T])

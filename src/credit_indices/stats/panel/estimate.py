"""OLS and 2SLS from moments, with clustered errors, guards and the delete-one-cluster jackknife.

Conventions, with k slopes, n rows, N clusters and scores u_i = X_i'e_i, X without fixed effects:

* CR1 (Liang & Zeger 1986; Stata's and fixest's factor): (n-1)/(n-K) x N/(N-1) x B (sum u u') B,
  with B = (X'X)^-1 and K = k + 1 + the rank of the period effects beyond the unit effects. Unit
  effects are nested in the clusters and not counted. p-values and intervals from t(N - 1).
* HC1 (White 1980; MacKinnon & White 1985): n/(n-K) and t(n - K). Rows nest nothing, so unit effects
  count: K = k + U + the rank of the period effects.
* CR3: (N-1)/N x sum (b_(i) - b)(b_(i) - b)', centred on the full sample's b, the CV3 of MacKinnon,
  Nielsen & Webb (2023, "Fast and reliable jackknife and bootstrap methods for cluster-robust
  inference", J. Appl. Econometrics 38). Without cluster i the period effects differ: in a balanced
  panel, G - N/(N-1) G_i is exact; otherwise they are solved for again at every deletion.
* 2SLS: X replaced by its projection on the exogenous terms and instruments, residuals by X itself;
  deletions repeat both stages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.linalg import cho_factor, cho_solve

from credit_indices.stats.panel.formula import Formula, FormulaError, parse
from credit_indices.stats.panel.moments import (
    INTERCEPT,
    Moments,
    PanelError,
    quote,
    row_meat,
    solve_effects,
)
from credit_indices.stats.panel.moments import moments as moments_of

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

WITHIN_SHARE = 1e-10
"""Smallest share of a variable's variance that must remain within the fixed effects."""

CONSTANT = 1e-22
"""Variance over squared mean below which moments cannot distinguish a variable from a constant."""

CONDITION = 1e12
"""Largest condition number of a correlation matrix that is solved."""

PERFECT = 1e-13
"""Share of the outcome's variation below which residuals and their errors are rounding."""

NO_SCORES = 1e-20
"""Clustered over homoskedastic variance below which all cluster scores are rounding."""

NEGLIGIBLE = 1e-6
"""Standardised coefficients below this are not named as part of a linear combination."""

DELETED_INVERSE = 1e10
"""Largest diagonal of an inverse, scaled to the full sample, after deleting a cluster."""

CR3_CLUSTERS = 100_000
SOLVED_AGAIN = 3e11
"""Limits for CR3: clusters, and clusters x periods^3 if period effects are solved for again.

Beyond them CR3 takes minutes and agrees with CR1.
"""

BLOCK = 2_000_000
"""Numbers in a block of deleted cross-products, about 16 MB."""

LEVEL = 0.05
STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))


@dataclass(frozen=True)
class Fit:
    """Estimates of one specification (k coefficients, N clusters).

    Numbers, and elements of matrices, are NaN unless the status is `ok` or `weak_instrument`. For a
    perfect fit the covariances are NaN: its residuals are rounding errors.

    Attributes:
        status: ok, weak_instrument, not_identified or not_estimated. (`weak_instrument` is set by
            the caller that tests the first stage: `dataclasses.replace(fit, status=...,
            message=...)`.)
        message: The reason for the status, and rows left out; '' if there is none.
        terms: (k) exogenous then endogenous; `(Intercept)` first without effects.
        coefficients: (k,)
        bread: (k, k) (X'X)^-1, for 2SLS (X'PX)^-1.
        vcov: (k, k) CR1 or HC1.
        vcov_type: 'CR1' or 'HC1'.
        cr0: (k, k) `vcov` without its small-sample factor.
        cr3: (k, k) delete-one-cluster jackknife; None if it does not exist, and for HC1.
        df: Degrees of freedom of t: N - 1, or n - K for HC1.
        n_obs: Rows.
        n_dropped: Rows dropped for a missing value.
        n_units: Units.
        n_periods: Periods.
        n_clusters: Clusters; for HC1 rows.
        k_counted: K of the small-sample factor.
        r2_within: 1 - rss over the outcome's variation within the effects; NaN without effects.
        r2_overall: 1 - rss over the outcome's variation around its grand mean.
        rss: Sum of squared residuals.
        scores: (N, k) cluster scores X_i'e_i, for 2SLS with projected X; by unit for HC1.
        leave_one_out: (N, k) coefficients without each cluster; None if cr3 is None.

    """

    status: str
    message: str
    terms: tuple[str, ...]
    coefficients: Vector
    bread: Matrix
    vcov: Matrix
    vcov_type: str
    cr0: Matrix
    cr3: Matrix | None
    df: int
    n_obs: int
    n_dropped: int
    n_units: int
    n_periods: int
    n_clusters: int
    k_counted: int
    r2_within: float
    r2_overall: float
    rss: float
    scores: Matrix
    leave_one_out: Matrix | None

    @cached_property
    def std_errors(self) -> Vector:
        """(k,) square roots of the diagonal of `vcov`."""
        return np.sqrt(np.diag(self.vcov))

    @cached_property
    def std_errors_cr3(self) -> Vector | None:
        """(k,) square roots of the diagonal of `cr3`."""
        return None if self.cr3 is None else np.sqrt(np.diag(self.cr3))

    @cached_property
    def statistics(self) -> Vector:
        """(k,) t statistics of zero."""
        return self.coefficients / self.std_errors

    @cached_property
    def p_values(self) -> Vector:
        """(k,) two-sided, from t on `df` degrees of freedom."""
        return 2 * stats.t.sf(np.abs(self.statistics), self.df)

    @cached_property
    def intervals(self) -> Matrix:
        """(k, 2) 95 % intervals, with the same errors and degrees of freedom as `p_values`."""
        half = stats.t.ppf(1 - LEVEL / 2, self.df) * self.std_errors
        return np.column_stack([self.coefficients - half, self.coefficients + half])

    @cached_property
    def stars(self) -> tuple[str, ...]:
        """(k) '***' below 0.01, '**' below 0.05, '*' below 0.1, else ''."""
        return tuple(
            next((stars for level, stars in STARS if p_value < level), "")
            for p_value in self.p_values
        )

    @cached_property
    def leave_one_out_range(self) -> Matrix | None:
        """(k, 2) lowest and highest coefficient over the deletions of one cluster."""
        if self.leave_one_out is None:
            return None
        return np.column_stack([self.leave_one_out.min(axis=0), self.leave_one_out.max(axis=0)])


class Wald(NamedTuple):
    """A joint test: F on df1 and df2 degrees of freedom."""

    f: float
    df1: int
    df2: int
    p_value: float


class _RefusedError(Exception):
    """A specification without estimates: its status and the reason."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


def regress(
    connection: Any,
    relation: str,
    formula: Formula | str,
    unit: str = "unit_id",
    period: str = "period",
    cluster: str | None = None,
    *,
    cr3: bool = True,
    quote: Callable[[str], str] = quote,
) -> Fit:
    """Parse a formula, compute the moments and estimate; bad input gives a status and a message.

    Args:
        connection: As for `moments.moments`, like `relation`, `unit`, `period`, `cluster` and
            `quote`.
        relation: The panel in SQL.
        formula: A formula or its text.
        unit: Column of the units.
        period: Column of the periods.
        cluster: Column of the clusters; None for the units, '' for none (HC1).
        cr3: Whether to compute the jackknife.
        quote: Quotes an identifier.

    """
    terms: tuple[str, ...] = ()
    try:
        if isinstance(formula, str):
            formula = parse(formula)
        terms = formula.regressors
        found = moments_of(
            connection, relation, formula, unit, period, cluster, deletions=cr3, quote=quote
        )
    except (FormulaError, PanelError) as reason:
        return _without_numbers(terms, "not_estimated", str(reason), "HC1" if cluster == "" else "")

    def meat(coefficients: Vector) -> Matrix:
        return row_meat(connection, relation, found, coefficients, unit, period, quote=quote)

    return estimate(found, cr3=cr3, meat=meat)


def estimate(
    moments: Moments, *, cr3: bool = True, meat: Callable[[Vector], Matrix] | None = None
) -> Fit:
    """OLS, or 2SLS where there are endogenous terms.

    Args:
        moments: The panel's cross-products.
        cr3: Whether to compute the jackknife.
        meat: For HC1 only (`moments.cluster == ''`): `row_meat` as a function of coefficients.

    Returns:
        A fit; without estimates if the specification is not identified (a term that the effects
        absorb, or collinear terms, which the message names; too few instruments) or cannot be
        estimated (one period under unit effects; fewer clusters than regressors; no residual
        degrees of freedom).

    Raises:
        TypeError: If `meat` is missing for HC1.

    """
    m = moments
    try:
        _check(m)
        solved = _solve(m)
    except _RefusedError as refused:
        return _without_numbers(_terms(m), refused.status, _joined(str(refused), m), "", m)

    k_counted = _k_counted(m)
    if m.cluster == "":
        if meat is None:
            raise TypeError("HC1 needs the rows: pass meat, a function that calls row_meat")
        squares = solved.projection.T @ meat(solved.coefficients) @ solved.projection
        df = m.n_obs - k_counted
        factor = m.n_obs / df
    else:
        squares = solved.scores.T @ solved.scores
        df = m.n_clusters - 1
        factor = (m.n_obs - 1) / (m.n_obs - k_counted) * m.n_clusters / df
    move, offset = _to_reported(m)
    bread = move @ solved.bread @ move.T
    cr0 = move @ solved.bread @ squares @ solved.bread @ move.T
    coefficients = move @ solved.coefficients + offset

    note, deleted, jackknife = "", None, None
    if cr3 and m.cluster != "":
        note, deleted = _jackknife(m)
    if deleted is not None:
        deleted = deleted @ move.T + offset
        difference = deleted - coefficients
        jackknife = (m.n_clusters - 1) / m.n_clusters * difference.T @ difference
    if solved.rss < PERFECT * m.total[0, 0]:
        note = (
            "no standard errors: the fit is perfect, or its residuals are too small relative to "
            "the outcome to be distinguished from rounding"
        )
        cr0 = np.full_like(cr0, np.nan)
        jackknife = None
    elif np.any(unborne := np.diag(cr0) < NO_SCORES * solved.rss * np.diag(bread) / m.n_obs):
        names = [name for name, is_so in zip(_terms(m), unborne, strict=True) if is_so]
        without = f"no standard error of {' and '.join(names)}: the scores of all clusters are zero"
        note = "; ".join(part for part in (without, note) if part)
        cr0[unborne, :] = cr0[:, unborne] = np.nan
    return Fit(
        status="ok",
        message=_joined(note, m),
        terms=_terms(m),
        coefficients=coefficients,
        bread=bread,
        vcov=factor * cr0,
        vcov_type="HC1" if m.cluster == "" else "CR1",
        cr0=cr0,
        cr3=jackknife,
        df=df,
        n_obs=m.n_obs,
        n_dropped=m.n_dropped,
        n_units=m.n_units,
        n_periods=m.n_periods,
        n_clusters=m.n_obs if m.cluster == "" else m.n_clusters,
        k_counted=k_counted,
        r2_within=1 - solved.rss / m.total[0, 0] if m.formula.effects else np.nan,
        r2_overall=1 - solved.rss / m.raw_total[0, 0],
        rss=solved.rss,
        scores=solved.scores @ np.linalg.inv(move),
        leave_one_out=deleted,
    )


def wald(
    fit: Fit, restrictions: ArrayLike | Sequence[str] | str, vcov: Matrix | None = None
) -> Wald:
    """Test that combinations of coefficients are zero: F on (q, fit.df) degrees of freedom.

    Args:
        fit: Estimates.
        restrictions: R of R b = 0, shape (q, k) or (k,); or the names of terms that are all zero.
        vcov: (k, k) covariance to use, such as `fit.cr3`; by default `fit.vcov`.

    Returns:
        The test; NaN if the restrictions are redundant or more than the clusters' degrees of
        freedom, or if the fit has no estimates.

    Raises:
        ValueError: If a name or the shape does not fit the coefficients.

    """
    k = len(fit.terms)
    if isinstance(restrictions, str):
        restrictions = [restrictions]
    listed = list(restrictions)
    if listed and all(isinstance(name, str) for name in listed):
        unknown = [name for name in listed if name not in fit.terms]
        if unknown:
            raise ValueError(
                f"{', '.join(unknown)} has no coefficient; expected one of {', '.join(fit.terms)}"
            )
        matrix = np.eye(k)[[fit.terms.index(name) for name in listed]]
    else:
        matrix = np.atleast_2d(np.asarray(restrictions, dtype=float))
    if matrix.ndim != 2 or matrix.shape[1] != k or not len(matrix):
        raise ValueError(f"restrictions have shape {matrix.shape}; expected (q, {k})")
    q = len(matrix)
    value = matrix @ fit.coefficients
    covariance = matrix @ (fit.vcov if vcov is None else vcov) @ matrix.T
    scale = np.sqrt(np.diag(covariance))
    usable = np.all(np.isfinite(value)) and np.all(np.isfinite(scale)) and np.all(scale > 0)
    if not usable or q > fit.df or _condition(covariance / np.outer(scale, scale)) > CONDITION:
        return Wald(np.nan, q, fit.df, np.nan)
    correlation = covariance / np.outer(scale, scale)
    f = float(value / scale @ np.linalg.solve(correlation, value / scale)) / q
    return Wald(f, q, fit.df, float(stats.f.sf(f, q, fit.df)))


@dataclass(frozen=True)
class _Solved:
    """Coefficients of the centred regressors; `projection` (m, k) takes instruments to X."""

    coefficients: Vector
    bread: Matrix
    projection: Matrix
    scores: Matrix
    rss: float


def _terms(m: Moments) -> tuple[str, ...]:
    return tuple(m.terms[j] for j in m.exogenous + m.endogenous)


def _k_counted(m: Moments) -> int:
    slopes = len(m.formula.regressors)
    units = m.n_units if m.cluster == "" and m.has_unit_effects else 1
    return slopes + units + m.period_rank


def _check(m: Moments) -> None:
    """Refuse specifications without estimates."""
    if m.has_unit_effects and m.n_periods == 1:
        raise _RefusedError(
            "not_estimated",
            f"one period only ({m.periods[0]}): unit effects absorb everything; "
            "expected two or more, or no unit effects: | 0 |",
        )
    spread, within = np.diag(m.raw_total), np.diag(m.total)
    for j, term in enumerate(m.terms):
        if term == INTERCEPT:
            continue
        status = "not_estimated" if j == 0 else "not_identified"
        if spread[j] <= CONSTANT * m.n_obs * m.means[j] ** 2:
            raise _RefusedError(
                status,
                f"{term} is constant over the {m.n_obs} rows, or varies too little relative to its "
                "size: if so, subtract a constant from it",
            )
        if within[j] < WITHIN_SHARE * spread[j]:
            absorbing = " and ".join(m.formula.effects)
            raise _RefusedError(
                status,
                f"{term} does not vary beyond the effects of {absorbing}: they leave "
                f"{within[j] / spread[j]:.1e} of its variance; expected {WITHIN_SHARE:g} or more",
            )
    n_regressors = len(_terms(m))
    if m.cluster != "" and m.n_clusters < max(2, n_regressors):
        raise _RefusedError(
            "not_estimated",
            f"{_several(m.n_clusters, 'cluster')} for {_several(n_regressors, 'regressor')}: "
            "expected at least as many clusters as regressors, and two",
        )
    fitted = len(m.formula.regressors) + m.period_rank + (m.n_units if m.has_unit_effects else 1)
    if m.n_obs <= fitted:
        raise _RefusedError(
            "not_estimated",
            f"{_several(m.n_obs, 'row')} for {_several(fitted, 'parameter')}, effects included: "
            "expected more rows",
        )
    wanted, offered = len(m.formula.endogenous), len(m.formula.instruments)
    if offered < wanted:
        raise _RefusedError(
            "not_identified",
            f"{_several(offered, 'instrument')} for {_several(wanted, 'endogenous variable')}: "
            "expected as many or more",
        )


def _solve(m: Moments) -> _Solved:
    """OLS or 2SLS of the centred terms, scaled to correlations first."""
    x, z = m.exogenous + m.endogenous, m.exogenous + m.instruments
    scale = np.sqrt(np.diag(m.total))
    correlation = m.total / np.outer(scale, scale)
    _refuse_collinear(correlation, x, m, "regressors")
    projection = np.eye(len(x))
    if m.endogenous:
        _refuse_collinear(correlation, z, m, "exogenous terms and instruments")
        first_stage = cho_factor(correlation[np.ix_(z, z)])
        projection = cho_solve(first_stage, correlation[np.ix_(z, x)])
    normal = correlation[np.ix_(x, z)] @ projection
    normal = (normal + normal.T) / 2
    if m.endogenous and _condition(normal) > CONDITION:
        names = " and ".join(m.formula.endogenous)
        raise _RefusedError(
            "not_identified",
            f"the instruments do not shift {names} independently of the other regressors",
        )
    inverse = np.linalg.inv(normal)
    scaled = np.linalg.solve(normal, projection.T @ correlation[z, 0])
    coefficients = scaled * scale[0] / scale[x]

    residual = np.zeros(len(m.terms))  # the residual as a combination of the terms
    residual[0] = 1.0
    residual[x] = -coefficients
    projection = projection / scale[z][:, None] * scale[x]
    scores = np.zeros((m.n_clusters, len(z)))
    for column, a in enumerate(z):
        for b in np.flatnonzero(residual):
            scores[:, column] += residual[b] * m.packed[m.packed_positions[a, b]]
    return _Solved(
        coefficients=coefficients,
        bread=inverse / np.outer(scale[x], scale[x]),
        projection=projection,
        scores=scores @ projection if m.endogenous else scores,
        rss=max(0.0, float(residual @ m.total @ residual)),
    )


def _condition(matrix: Matrix) -> float:
    """Condition number of a positive semidefinite matrix."""
    eigenvalues = np.linalg.eigvalsh(matrix)
    return np.inf if eigenvalues[0] <= 0 else float(eigenvalues[-1] / eigenvalues[0])


def _refuse_collinear(correlation: Matrix, chosen: list[int], m: Moments, what: str) -> None:
    """Raise for a term that the terms before it determine."""
    condition = _condition(correlation[np.ix_(chosen, chosen)])
    if condition <= CONDITION:
        return
    # The first term without residual variance; if none has exactly zero, the one with the least.
    left, weights = [], []
    kept: list[int] = []
    for j in chosen:
        beside = correlation[j, kept]
        solution = np.linalg.solve(correlation[np.ix_(kept, kept)], beside)
        left.append(1 - solution @ beside)
        weights.append(dict(zip(kept, solution, strict=True)))
        if left[-1] > 1e-11:
            kept.append(j)
    place = int(np.argmin(left))
    others = [m.terms[j] for j, weight in weights[place].items() if abs(weight) > NEGLIGIBLE]
    beyond = (
        f" beyond the effects of {' and '.join(m.formula.effects)}" if m.formula.effects else ""
    )
    raise _RefusedError(
        "not_identified",
        f"{m.terms[chosen[place]]} is a linear combination of {' and '.join(others)}{beyond}: the "
        f"{what} have a condition number above {CONDITION:g}",
    )


def _to_reported(m: Moments) -> tuple[Matrix, Vector]:
    """From centred to reported coefficients, L b + c: moves the intercept from the grand means."""
    positions = m.exogenous + m.endogenous
    move, offset = np.eye(len(positions)), np.zeros(len(positions))
    if m.has_intercept:
        move[0, 1:] = -m.means[positions[1:]]
        offset[0] = m.means[0]
    return move, offset


def _jackknife(m: Moments) -> tuple[str, Matrix | None]:
    """Centred coefficients without each cluster, shape (N, k); or why there are none."""
    again = m.has_period_effects and not (m.is_balanced and m.clusters_are_units)
    if m.n_clusters > CR3_CLUSTERS:
        return f"no CR3: {m.n_clusters} clusters are more than {CR3_CLUSTERS}", None
    if again and m.period_system is None:
        return (
            "no CR3: it needs new period effects at every deletion, and the moments lack the "
            f"period system (not requested, or too large for {m.n_clusters} clusters and "
            f"{m.n_periods} periods)",
            None,
        )
    if again and m.n_clusters * m.n_periods**3 > SOLVED_AGAIN:
        return f"no CR3: {m.n_periods} periods are too many to solve for at every deletion", None
    found = np.empty((m.n_clusters, len(m.exogenous) + len(m.endogenous)))
    start = 0
    for block in _deleted_solved_again(m) if again else _deleted(m):
        stop = start + len(block)
        found[start:stop], singular = _solve_each(m, block)
        if np.any(singular):
            first = start + int(np.argmax(singular))
            return f"no CR3: without {m.units[first]} the coefficients are not identified", None
        start = stop
    return "", found


def _deleted(m: Moments) -> Iterator[NDArray[np.float64]]:
    """Cross-products without each cluster, in blocks (c, p, p), if cross-products suffice."""
    share = m.n_clusters / (m.n_clusters - 1) if m.has_period_effects else 1.0
    size = max(1, BLOCK // m.total.size)
    for start in range(0, m.n_clusters, size):
        yield m.total - share * m.cross_of(slice(start, start + size))


def _deleted_solved_again(m: Moments) -> Iterator[NDArray[np.float64]]:
    """Cross-products without each cluster, the period effects solved for again."""
    system = m.period_system
    total, sums = system.total, system.sums.sum(axis=0)
    for cluster in range(m.n_clusters):
        left = sums - system.sums[cluster]
        remaining = total - system.block(cluster)
        if system.is_centred:
            effects = solve_effects(remaining, left)
        else:
            effects = left / np.maximum(np.diag(remaining), 1.0)[:, None]
        yield m.total - m.cross_of(slice(cluster, cluster + 1)) - left.T @ effects


def _solve_each(m: Moments, cross: NDArray[np.float64]) -> tuple[Matrix, NDArray[np.bool_]]:
    """Coefficients of each of (c, p, p) cross-products, shape (c, k), and which are singular."""
    x, z = m.exogenous + m.endogenous, m.exogenous + m.instruments
    scale = np.sqrt(np.diag(m.total))
    cross = cross / np.outer(scale, scale)
    singular = np.any(np.diagonal(cross, axis1=1, axis2=2)[:, x + z] < 1 / DELETED_INVERSE, axis=1)

    def inverse(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
        nonlocal singular
        matrices = np.where(singular[:, None, None], np.eye(matrices.shape[1]), matrices)
        try:
            inverted = np.linalg.inv(matrices)
        except np.linalg.LinAlgError:
            inverted = np.linalg.pinv(matrices, hermitian=True)
            singular |= np.linalg.eigvalsh(matrices)[:, 0] < 1 / CONDITION
        diagonal = np.diagonal(inverted, axis1=1, axis2=2)
        singular |= ~np.all((diagonal > 0) & (diagonal < DELETED_INVERSE), axis=1)
        return inverted

    right, normal = cross[:, x, 0], cross[:, x][:, :, x]
    if m.endogenous:
        first_stage = cross[:, x][:, :, z] @ inverse(cross[:, z][:, :, z])
        right = (first_stage @ cross[:, z, 0][:, :, None])[:, :, 0]
        normal = first_stage @ cross[:, z][:, :, x]
    coefficients = (inverse(normal) @ right[:, :, None])[:, :, 0]
    return coefficients * scale[0] / scale[x], singular


def _several(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _joined(note: str, m: Moments) -> str:
    dropped = (
        f"left out: {_several(m.n_dropped, 'row')} with a missing value" if m.n_dropped else ""
    )
    return "; ".join(part for part in (note, dropped) if part)


def _without_numbers(
    terms: tuple[str, ...],
    status: str,
    message: str,
    vcov_type: str,
    m: Moments | None = None,
) -> Fit:
    """Make a fit without estimates from a status and a message."""
    k = len(terms)
    nothing = np.full((k, k), np.nan)
    if m is not None:
        vcov_type = "HC1" if m.cluster == "" else "CR1"
    return Fit(
        status=status,
        message=message,
        terms=terms,
        coefficients=np.full(k, np.nan),
        bread=nothing,
        vcov=nothing,
        vcov_type=vcov_type or "CR1",
        cr0=nothing,
        cr3=None,
        df=0,
        n_obs=m.n_obs if m else 0,
        n_dropped=m.n_dropped if m else 0,
        n_units=m.n_units if m else 0,
        n_periods=m.n_periods if m else 0,
        n_clusters=0 if m is None else m.n_obs if m.cluster == "" else m.n_clusters,
        k_counted=_k_counted(m) if m else 0,
        r2_within=np.nan,
        r2_overall=np.nan,
        rss=np.nan,
        scores=np.empty((0, k)),
        leave_one_out=None,
    )

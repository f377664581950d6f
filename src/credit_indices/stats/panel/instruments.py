"""Tests of instrument strength, and inference that is valid with weak instruments.

Everything is computed from the cross-products per unit that the estimates use; no row is read.
Every test concerns a linear combination of the outcome and the endogenous variables, regressed on
the instruments, so it needs only the coefficients of those regressions and the cluster scores.

Conventions: those of Stata's ivreg2 with `cluster` unless stated otherwise.

* n rows, N clusters (the units, or groups of them), L instruments, m endogenous variables.
  Exogenous regressors are partialled out. Residuals are those of the regression on the instruments.
* Each F is a Wald statistic over its degrees of freedom with the CR1 factor
  (n - 1) / (n - K) x N / (N - 1), K = exogenous regressors + L + 1 + rank of the period effects
  (unit effects are nested in the clusters), and refers to F(degrees of freedom, N - 1).
* Cragg-Donald assumes independent errors, so there unit effects count too: n - K - (units - 1).
* Hansen's J and the Kleibergen-Paap LM statistic have no small-sample factor and refer to
  chi-squared.

A statistic that cannot be computed (as many instruments as clusters, no degrees of freedom) is NaN.

Sources: Anderson & Rubin (1949); Hansen (1982); Cragg & Donald (1993); Kleibergen & Paap (2006);
Mikusheva (2010) on the shapes of Anderson-Rubin sets; Montiel Olea & Pflueger (2013); Sanderson &
Windmeijer (2016) and, for errors that are not i.i.d., the robust score form of Windmeijer (2021).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, optimize, stats

if TYPE_CHECKING:
    from credit_indices.stats.panel.formula import Formula
    from credit_indices.stats.panel.moments import Moments

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Segment = tuple[float, float]
SetType = Literal["interval", "two_rays", "all", "empty", "union"]
Status = Literal["ok", "weak_instrument"]

WEAK_F = 10.0
"""A clustered first-stage F below this is weak (Staiger & Stock 1997, of a homoskedastic F)."""

BIAS = 0.10
"""Tolerated worst-case bias of 2SLS, relative to its benchmark, for the effective F."""

LEVEL = 0.05
SINGULAR = 1e-10
"""Scaled columns are distinct if their singular values exceed this share of the largest."""

ROUNDING = 1e-13
"""A residual variance below this share of the total is rounding error."""

GRID = 64
"""Points at which the Anderson-Rubin statistic is evaluated, besides those between its roots."""


@dataclass(frozen=True)
class Blocks:
    """The regressions of outcome and endogenous variables on orthonormal instruments.

    Exogenous regressors are partialled out, instruments orthonormalised over the whole sample and
    the other variables scaled to length one. No statistic here depends on these transformations.

    Attributes:
        coefficients: Reduced form and first stages, shape (L, 1 + m), outcome first.
        scores: Instruments times residuals summed per cluster, condensed: rows with the same
            cross-products as the clusters' N rows, shape (r, L, 1 + m).
        raw_scores: As `scores`, of the variables instead of their residuals.
        cross: Cross-products of outcome and endogenous variables, shape (1 + m, 1 + m).
        slope_units: Units of the outcome per unit of each endogenous variable, shape (m,).
        n_clusters: N.
        n_obs: Rows.
        n_parameters: K of the module's conventions.
        n_nested: Parameters of the unit effects beyond the intercept: units - 1, or 0 without them.

    """

    coefficients: Matrix
    scores: NDArray[np.float64]
    raw_scores: NDArray[np.float64]
    cross: Matrix
    slope_units: Vector
    n_clusters: int
    n_obs: int
    n_parameters: int
    n_nested: int

    @property
    def n_instruments(self) -> int:
        """L, the excluded instruments."""
        return self.scores.shape[1]

    @property
    def n_endogenous(self) -> int:
        """The number m of endogenous variables."""
        return self.scores.shape[2] - 1

    @property
    def cr1_factor(self) -> float:
        """(n - 1) / (n - K) x N / (N - 1), NaN where a denominator is not positive."""
        free, clusters = self.n_obs - self.n_parameters, self.n_clusters
        if free <= 0 or clusters < 2:
            return np.nan
        return (self.n_obs - 1) / free * clusters / (clusters - 1)


@dataclass(frozen=True)
class Test:
    """A statistic, its degrees of freedom (denominator None for chi-squared) and its p-value."""

    __test__ = False

    statistic: float
    df: int
    df_denominator: int | None
    p_value: float


@dataclass(frozen=True)
class EffectiveF:
    """Montiel Olea and Pflueger's effective F.

    Attributes:
        statistic: The effective F.
        critical_value: An F above it rejects a bias over `bias` at the 5 % level.
        df: Effective degrees of freedom of the critical value, between 1 and L.
        bias: The tolerated worst-case bias, tau.

    """

    statistic: float
    critical_value: float
    df: float
    bias: float


@dataclass(frozen=True)
class AndersonRubinSet:
    """All values of one coefficient that an Anderson-Rubin test does not reject.

    Attributes:
        type: `interval`, `two_rays` (everything but an interval), `all`, `empty` or, with several
            instruments, `union` of intervals and rays.
        segments: Disjoint (low, high) in ascending order, infinite where unbounded.
        level: One minus the confidence.

    """

    type: SetType
    segments: tuple[Segment, ...]
    level: float

    def __contains__(self, value: float) -> bool:
        """Whether a coefficient is in the set."""
        return any(low <= value <= high for low, high in self.segments)


@dataclass(frozen=True)
class Diagnostics:
    """Diagnostics of the instruments of one 2SLS regression.

    Attributes:
        status: `weak_instrument` if `f_first_stage` is below 10 or cannot be computed.
        f_first_stage: Clustered first-stage F; with several endogenous variables, the smallest
            Sanderson-Windmeijer F.
        conditional_f: The (Sanderson-Windmeijer) F of every endogenous variable, in their order.
        effective_f: With its critical value; None with several endogenous variables.
        kleibergen_paap: Clustered rk Wald F.
        kleibergen_paap_lm: Clustered rk LM test of under-identification.
        cragg_donald: F under independent, homoskedastic errors.
        hansen_j: Over-identification, clustered; None where exactly identified.
        anderson_rubin: Test that every endogenous coefficient is zero.
        anderson_rubin_set: 95 % set; None with several endogenous variables or if the statistic
            cannot be computed.
        message: Reason for the status, empty if ok.

    """

    status: Status
    f_first_stage: float
    conditional_f: tuple[Test, ...]
    effective_f: EffectiveF | None
    kleibergen_paap: float
    kleibergen_paap_lm: Test
    cragg_donald: float
    hansen_j: Test | None
    anderson_rubin: Test
    anderson_rubin_set: AndersonRubinSet | None
    message: str


def diagnose(moments: Moments, formula: Formula, level: float = LEVEL) -> Diagnostics:
    """Compute all diagnostics of one 2SLS regression, clustered as its moments are.

    Args:
        moments: Of the formula.
        formula: Names the endogenous variables.
        level: Of the Anderson-Rubin set.

    Raises:
        ValueError: Fewer instruments than endogenous variables, or collinear ones.

    """
    return diagnose_blocks(blocks_of(moments), formula.endogenous, level)


def diagnose_blocks(blocks: Blocks, endogenous: Iterable[str], level: float = LEVEL) -> Diagnostics:
    """As `diagnose`, from blocks and the names of the endogenous variables."""
    single = blocks.n_endogenous == 1
    if without := _without_variance(blocks, list(endogenous)):
        return _without_statistics(blocks, *without)
    conditional = sanderson_windmeijer(blocks)
    weakest = float(np.min([test.statistic for test in conditional]))
    name = list(endogenous)[int(np.argmin([test.statistic for test in conditional]))]
    kind = "first-stage F" if single else "Sanderson-Windmeijer F"
    if np.isnan(weakest):
        message = (
            f"clustered {kind} cannot be computed: {blocks.n_instruments} instruments, "
            f"{blocks.n_clusters} clusters, {blocks.n_obs} rows, {blocks.n_parameters} parameters"
        )
    elif weakest < WEAK_F:
        message = f"clustered {kind} of {name} is {weakest:.3g}, below {WEAK_F:g}"
    else:
        message = ""
    return Diagnostics(
        status="weak_instrument" if message else "ok",
        f_first_stage=weakest,
        conditional_f=conditional,
        effective_f=effective_f(blocks) if single else None,
        kleibergen_paap=kleibergen_paap(blocks),
        kleibergen_paap_lm=kleibergen_paap_lm(blocks),
        cragg_donald=cragg_donald(blocks),
        hansen_j=hansen_j(blocks),
        anderson_rubin=anderson_rubin(blocks, np.zeros(blocks.n_endogenous)),
        anderson_rubin_set=anderson_rubin_set(blocks, level) if single else None,
        message=message,
    )


def _without_variance(blocks: Blocks, endogenous: list[str]) -> tuple[Status, str] | None:
    """Return why the first-stage variance is numerically zero, else None."""
    left = 1 - np.sum(blocks.coefficients[:, 1:] ** 2, axis=0)
    largest = np.sum(blocks.scores[:, :, 1:] ** 2, axis=0).max(axis=0)
    for name, residual, meat in zip(endogenous, left, largest, strict=True):
        if residual < ROUNDING:
            return "ok", (
                f"the instruments determine {name}: its first stage has no residuals and therefore "
                "no statistics, and 2SLS equals least squares"
            )
        if meat < ROUNDING**2 * residual:
            return "weak_instrument", (
                f"the scores of all {blocks.n_clusters} clusters are zero in the first stage of "
                f"{name}, which therefore has no statistics"
            )
    return None


def _without_statistics(blocks: Blocks, status: Status, message: str) -> Diagnostics:
    none = Test(np.nan, 0, None, np.nan)
    return Diagnostics(
        status=status,
        f_first_stage=np.nan,
        conditional_f=(none,) * blocks.n_endogenous,
        effective_f=None,
        kleibergen_paap=np.nan,
        kleibergen_paap_lm=none,
        cragg_donald=np.nan,
        hansen_j=None,
        anderson_rubin=none,
        anderson_rubin_set=None,
        message=message,
    )


def blocks_of(moments: Moments) -> Blocks:
    """`partial_out`, from moments."""
    return partial_out(
        moments.cross,
        n_exogenous=len(moments.exogenous),
        n_endogenous=len(moments.endogenous),
        n_obs=moments.n_obs,
        n_units=moments.n_units,
        period_rank=moments.period_rank,
        has_unit_effects=moments.has_unit_effects,
        has_intercept=moments.has_intercept,
    )


def partial_out(
    cross: NDArray[np.float64],
    *,
    n_exogenous: int,
    n_endogenous: int,
    n_obs: int,
    n_units: int,
    period_rank: int,
    has_unit_effects: bool,
    has_intercept: bool = False,
) -> Blocks:
    """Partial out the exogenous regressors from cross-products per cluster; fit the first stages.

    Coefficients are those of the whole sample, so every residual is a combination of the variables,
    v A, and a cluster's sum of products of two residuals is A' G B, linear in its cross-products.

    Args:
        cross: Cross-products per cluster of variables less their fixed effects, or less their means
            where there are none, shape (N, p, p), in the order outcome, exogenous, endogenous,
            instruments.
        n_exogenous: Exogenous regressors, including an intercept if it has a column.
        n_endogenous: Endogenous variables, m.
        n_obs: Rows, n.
        n_units: Units; the clusters, or nested in them.
        period_rank: Rank of the period effects beyond the unit effects or the intercept.
        has_unit_effects: Whether unit effects were taken out.
        has_intercept: Whether a column of ones is among the exogenous regressors.

    Raises:
        ValueError: No endogenous variable, fewer instruments than endogenous variables, or
            variables that are collinear with the exogenous regressors or among themselves.

    """
    k, m, p = n_exogenous, n_endogenous, cross.shape[1]
    n_instruments = p - 1 - k - m
    if m < 1:
        raise ValueError("There is no endogenous variable to instrument.")
    if n_instruments < m:
        raise ValueError(
            f"{n_instruments} instruments cannot identify {m} endogenous variables: "
            "name at least as many instruments."
        )
    total = cross.sum(axis=0)
    scale = np.sqrt(np.diag(total))
    if not np.all(scale > 0):
        raise ValueError("A variable does not vary within the fixed effects.")
    total = total / np.outer(scale, scale)

    exogenous = np.arange(1, 1 + k)
    others = np.r_[0, 1 + k : p]
    project = np.zeros((p, others.size))
    project[others, np.arange(others.size)] = 1.0
    project[exogenous] = -np.linalg.solve(
        total[np.ix_(exogenous, exogenous)], total[np.ix_(exogenous, others)]
    )
    left = np.einsum("pi,pq,qi->i", project, total, project)
    if not np.all(left > SINGULAR):
        raise ValueError("A variable is a combination of the exogenous regressors.")
    lengths = np.sqrt(left)
    project = project / lengths
    variables, instruments = project[:, : 1 + m], project[:, 1 + m :]

    values, vectors = np.linalg.eigh(instruments.T @ total @ instruments)
    if values[0] <= SINGULAR * values[-1]:
        raise ValueError("The instruments are collinear given the exogenous regressors.")
    instruments = instruments @ (vectors / np.sqrt(values))
    coefficients = instruments.T @ total @ variables
    residuals = variables - instruments @ coefficients
    columns = np.hstack([residuals, variables]) / scale[:, None]
    scores = (instruments / scale[:, None]).T @ (cross @ columns)
    units = scale[others[: 1 + m]] * lengths[: 1 + m]
    return Blocks(
        coefficients=coefficients,
        scores=_condense(scores[:, :, : 1 + m]),
        raw_scores=_condense(scores[:, :, 1 + m :]),
        cross=variables.T @ total @ variables,
        slope_units=units[0] / units[1:],
        n_clusters=cross.shape[0],
        n_obs=n_obs,
        n_parameters=k + n_instruments + (not has_intercept) + period_rank,
        n_nested=n_units - 1 if has_unit_effects else 0,
    )


def two_stage(blocks: Blocks) -> Vector:
    """2SLS coefficients of the endogenous variables, shape (m,), in the user's units."""
    return _two_stage(blocks) * blocks.slope_units


def sanderson_windmeijer(blocks: Blocks) -> tuple[Test, ...]:
    """Clustered conditional first-stage F of every endogenous variable.

    The residual of variable j from the others, with coefficients by 2SLS, is regressed on the
    instruments without the part that predicts the others. These L - m + 1 coefficients are all zero
    if the instruments cannot separate variable j from the others. With one endogenous variable it
    is the first-stage F.

    Under independent, homoskedastic errors it is Sanderson and Windmeijer's (2016) F. Under
    clustering, ivreg2 keeps the form of that statistic: a Wald test of all L coefficients on L - m
    + 1 degrees of freedom, which is then not chi-squared and never smaller. This function computes
    the robust score test (Windmeijer 2021), which is valid for any errors within clusters.

    Returns:
        One test per variable: F(L - m + 1, N - 1).

    """
    first_stage, scores = blocks.coefficients[:, 1:], blocks.scores[:, :, 1:]
    tests = []
    for j in range(blocks.n_endogenous):
        others = np.delete(first_stage, j, axis=1)
        contrast = np.zeros(blocks.n_endogenous)
        contrast[j] = 1.0
        contrast[np.arange(blocks.n_endogenous) != j] = -_least_squares(others, first_stage[:, j])
        free = _complement(others)
        wald = _wald(free.T @ first_stage @ contrast, scores @ contrast @ free)
        tests.append(_f_test(blocks, wald, free.shape[1]))
    return tuple(tests)


def effective_f(blocks: Blocks, bias: float = BIAS, level: float = LEVEL) -> EffectiveF:
    """Clustered effective F of one endogenous variable (Montiel Olea & Pflueger 2013).

    With orthonormal instruments, the sum of squared first-stage coefficients over the sum of their
    CR1 variances; with one instrument it is the first-stage F. The critical value is their
    simplified one (section 4), which depends only on the first stage and is conservative: the
    quantile of a non-central chi-squared over its effective degrees of freedom, x = 1 / bias.

    Raises:
        ValueError: Several endogenous variables, for which the statistic is not defined.

    """
    _require_one_endogenous(blocks, "The effective F")
    meat = np.einsum("gi,gj->ij", blocks.scores[:, :, 1], blocks.scores[:, :, 1])
    trace = float(np.trace(meat))
    explained = float(np.sum(blocks.coefficients[:, 1] ** 2))
    statistic = explained / (blocks.cr1_factor * trace) if trace > 0 else np.inf
    df = effective_degrees_of_freedom(meat, bias)
    return EffectiveF(statistic, effective_f_critical_value(df, bias, level), df, bias)


def effective_degrees_of_freedom(meat: Matrix, bias: float = BIAS) -> float:
    """K_eff of a variance matrix of first-stage coefficients on orthonormal instruments, (L, L)."""
    x = 1 / bias
    trace, largest = np.trace(meat), np.linalg.eigvalsh(meat)[-1]
    if trace <= 0:
        return 1.0
    return float(trace**2 * (1 + 2 * x) / (np.sum(meat**2) + 2 * x * trace * largest))


def effective_f_critical_value(df: float, bias: float = BIAS, level: float = LEVEL) -> float:
    """Critical value of the effective F: 23.1 at one degree of freedom and 10 % bias."""
    return float(stats.ncx2.ppf(1 - level, df, df / bias) / df)


def kleibergen_paap(blocks: Blocks) -> float:
    """Clustered Kleibergen-Paap rk Wald F: the Wald statistic over L, with the CR1 factor.

    Divided by L, not L - m + 1, as in ivreg2, for comparison with the Cragg-Donald F.
    """
    wald = _rank_statistic(blocks, blocks.scores)
    return wald / (blocks.n_instruments * blocks.cr1_factor)


def kleibergen_paap_lm(blocks: Blocks) -> Test:
    """Clustered rk LM test that some combination of endogenous variables is not identified.

    Its variance is that of the scores with the first stage restricted to zero, as in ranktest.
    """
    df = blocks.n_instruments - blocks.n_endogenous + 1
    return _chi_squared_test(_rank_statistic(blocks, blocks.raw_scores), df)


def cragg_donald(blocks: Blocks) -> float:
    """Cragg-Donald F: smallest eigenvalue of explained over residual first-stage variance.

    Divided by L and multiplied by n minus all parameters, including the unit effects. With one
    endogenous variable it is the first-stage F under independent, homoskedastic errors.
    """
    free = blocks.n_obs - blocks.n_parameters - blocks.n_nested
    smallest = np.linalg.svd(_correlations(blocks)[0], compute_uv=False)[-1] ** 2
    if free <= 0:
        return np.nan
    return float(smallest / max(1 - smallest, np.finfo(float).tiny) * free / blocks.n_instruments)


def hansen_j(blocks: Blocks) -> Test | None:
    """Clustered Hansen J of two-step GMM, None where exactly identified.

    Computed as the robust score test of the 2SLS residuals on the instruments without the part that
    predicts the endogenous variables. This equals the J of two-step GMM with the weighting matrix
    from 2SLS residuals, because both minimise the same quadratic form.
    """
    first_stage = blocks.coefficients[:, 1:]
    free = _complement(first_stage)
    if free.shape[1] == 0:
        return None
    contrast = np.r_[1.0, -_two_stage(blocks)]
    moments = free.T @ blocks.coefficients @ contrast
    return _chi_squared_test(_wald(moments, blocks.raw_scores @ contrast @ free), free.shape[1])


def anderson_rubin(blocks: Blocks, null: ArrayLike) -> Test:
    """Clustered Anderson-Rubin test that the endogenous coefficients are `null`: F(L, N - 1).

    The outcome minus its part under the null is regressed on the instruments: Wald / L with CR1.
    The test is valid however weak the instruments are.

    Args:
        blocks: Of any number of endogenous variables.
        null: Shape (m,), in the user's units.

    """
    null = np.atleast_1d(np.asarray(null, dtype=np.float64))
    contrast = np.r_[1.0, -null / blocks.slope_units]
    wald = _wald(blocks.coefficients @ contrast, blocks.scores @ contrast)
    return _f_test(blocks, wald, blocks.n_instruments)


def anderson_rubin_set(blocks: Blocks, level: float = LEVEL) -> AndersonRubinSet | None:
    """All values of one endogenous coefficient with a p-value of `level` or more.

    The test accepts b if q S(b) - a(b) a(b)' is positive definite, where a are the coefficients of
    y - b w on the instruments, S their clustered variance and q the critical value. The boundary is
    therefore among the 2L eigenvalues of a quadratic eigenvalue problem, exact for any L (with one
    instrument, the two roots of a quadratic). They are found on b = centre + unit tan(angle), which
    maps infinity to an ordinary point, then refined by bisection on the test itself. At infinity
    the statistic is the first-stage F, so the set is bounded if and only if that F rejects.

    Returns:
        The set, or None if the statistic cannot be computed.

    Raises:
        ValueError: Several endogenous variables: their confidence region has no segments.

    """
    _require_one_endogenous(blocks, "The Anderson-Rubin set")
    size = blocks.n_instruments
    factor = blocks.cr1_factor
    outcome, endogenous = blocks.coefficients.T
    outcome_scores, endogenous_scores = blocks.scores[:, :, 0], blocks.scores[:, :, 1]
    noise = np.linalg.norm(endogenous_scores)
    if np.isnan(factor) or np.isnan(_wald(endogenous, endogenous_scores)) or noise == 0:
        return None
    critical = size * factor * stats.f.isf(level, size, blocks.n_clusters - 1)

    centre = _two_stage(blocks)[0]
    near, near_scores = outcome - centre * endogenous, outcome_scores - centre * endogenous_scores
    unit = np.linalg.norm(near_scores) / noise
    if unit == 0:
        return AndersonRubinSet("interval", ((float(two_stage(blocks)[0]),) * 2,), level)
    far, far_scores = unit * endogenous, unit * endogenous_scores

    def excess(angle: float) -> float:
        c, s = np.cos(angle), np.sin(angle)
        return _wald(c * near - s * far, c * near_scores - s * far_scores) / critical - 1

    hints = np.arctan(_boundary(near, near_scores, far, far_scores, critical))
    angles = np.unique(np.r_[hints, np.linspace(-np.pi / 2, np.pi / 2, GRID, endpoint=False)])
    probes = (angles + np.r_[angles[1:], angles[0] + np.pi]) / 2
    arcs = _accepted_arcs(excess, probes)
    if arcs is None:
        return None
    scale = blocks.slope_units[0]
    kind, segments = _segments(arcs, lambda angle: float(scale * (centre + unit * np.tan(angle))))
    return AndersonRubinSet(kind, segments, level)


def _boundary(
    near: Vector, near_scores: Matrix, far: Vector, far_scores: Matrix, critical: float
) -> Vector:
    """Real parts of the roots t of det(critical S(t) - a(t) a(t)'), a = near - t far, (2L,)."""

    def form(a: Vector, a_scores: Matrix, b: Vector, b_scores: Matrix) -> Matrix:
        return critical * a_scores.T @ b_scores - np.outer(a, b)

    constant = form(near, near_scores, near, near_scores)
    mixed = form(near, near_scores, far, far_scores)
    linear, quadratic = -(mixed + mixed.T), form(far, far_scores, far, far_scores)
    size = np.sqrt(np.diag(near_scores.T @ near_scores) + np.diag(far_scores.T @ far_scores))
    constant, linear, quadratic = (
        matrix / np.outer(size, size) / critical for matrix in (constant, linear, quadratic)
    )
    identity, zero = np.eye(near.size), np.zeros((near.size, near.size))
    companion = np.block([[-linear, -constant], [identity, zero]])
    leading = np.block([[quadratic, zero], [zero, identity]])
    numerator, denominator = linalg.eig(companion, leading, right=False, homogeneous_eigvals=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = np.where(denominator == 0, np.inf, numerator / denominator).real
    return roots[~np.isnan(roots)]


def _accepted_arcs(excess: Callable[[float], float], probes: Vector) -> list[Segment] | None:
    """Arcs (low, high) of angles with a negative excess, a function of period pi.

    Args:
        excess: Statistic over critical value, minus one.
        probes: Angles within one period, ascending, at least one in every arc and gap.

    Returns:
        None if a value cannot be computed; [(-inf, inf)] for the whole circle.

    """
    values = np.array([excess(angle) for angle in probes])
    if np.isnan(values).any():
        return None
    inside = values <= 0
    if inside.all():
        return [(-np.inf, np.inf)]
    if not inside.any():
        return []
    first = int(np.argmin(inside))
    around = np.r_[probes[first:], probes[: first + 1] + np.pi]
    accepted = np.r_[inside[first:], inside[: first + 1]]
    crossings = [
        optimize.brentq(excess, low, high, xtol=1e-15, rtol=1e-14)
        for (low, high), (was, is_) in zip(pairwise(around), pairwise(accepted), strict=True)
        if was != is_
    ]
    return list(zip(crossings[::2], crossings[1::2], strict=True))


def _segments(
    arcs: list[Segment], slope: Callable[[float], float]
) -> tuple[SetType, tuple[Segment, ...]]:
    """Convert arcs of the circle to segments of the line; at most one arc passes infinity."""
    if not arcs:
        return "empty", ()
    if arcs == [(-np.inf, np.inf)]:
        return "all", ((-np.inf, np.inf),)
    segments, unbounded = [], False
    for start, end in arcs:
        low, high = slope(start), slope(end)
        if np.floor(start / np.pi + 0.5) == np.floor(end / np.pi + 0.5):
            segments.append((low, high))
        else:
            segments += [(-np.inf, high), (low, np.inf)]
            unbounded = True
    if len(arcs) > 1:
        return "union", tuple(sorted(segments))
    return ("two_rays" if unbounded else "interval"), tuple(sorted(segments))


def _two_stage(blocks: Blocks) -> Vector:
    """2SLS coefficients in the units of the blocks, shape (m,)."""
    return _least_squares(blocks.coefficients[:, 1:], blocks.coefficients[:, 0])


def _rank_statistic(blocks: Blocks, scores: NDArray[np.float64]) -> float:
    """Kleibergen and Paap's rk statistic that the first stage has rank m - 1.

    It tests the combination of endogenous variables that the instruments explain least, on the
    instruments that do not explain the others; both follow from the singular vectors of the
    canonical correlations. The matrix square roots of their definition cancel in the statistic.
    """
    correlations, standardise = _correlations(blocks)
    left, _, right = np.linalg.svd(correlations)
    last = blocks.n_endogenous - 1
    free, weakest = left[:, last:], right[last]
    return _wald(free.T @ correlations @ weakest, scores[:, :, 1:] @ standardise @ weakest @ free)


def _correlations(blocks: Blocks) -> tuple[Matrix, Matrix]:
    """First stage of orthonormalised endogenous variables, (L, m), and the scaling, (m, m)."""
    standardise = linalg.inv(linalg.cholesky(blocks.cross[1:, 1:]))
    return blocks.coefficients[:, 1:] @ standardise, standardise


def _condense(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows with the same cross-products as N rows of shape (L, 1 + m), at most L (1 + m) of them.

    This is enough for a clustered variance, so no test's cost depends on N.
    """
    flat = scores.reshape(scores.shape[0], -1)
    return np.linalg.qr(flat, mode="r").reshape(-1, *scores.shape[1:])


def _wald(coefficients: Vector, scores: Matrix) -> float:
    """Wald statistic c' (sum of s s')^-1 c of c (q,), s (N, q); NaN where no inverse exists."""
    lengths = np.linalg.norm(scores, axis=0)
    if scores.shape[0] < scores.shape[1] or not np.all(lengths > 0):
        exact = scores.shape[1] == 1 and lengths[0] == 0 and coefficients[0] != 0
        return np.inf if exact else np.nan
    _, values, right = np.linalg.svd(scores / lengths, full_matrices=False)
    if values[-1] <= SINGULAR * values[0]:
        return np.nan
    return float(np.sum((right @ (coefficients / lengths) / values) ** 2))


def _f_test(blocks: Blocks, wald: float, df: int) -> Test:
    statistic, denominator = wald / (df * blocks.cr1_factor), blocks.n_clusters - 1
    return Test(statistic, df, denominator, float(stats.f.sf(statistic, df, denominator)))


def _chi_squared_test(statistic: float, df: int) -> Test:
    return Test(statistic, df, None, float(stats.chi2.sf(statistic, df)))


def _least_squares(x: Matrix, y: Vector) -> Vector:
    return np.linalg.lstsq(x, y)[0]


def _complement(columns: Matrix) -> Matrix:
    """Orthonormal basis of the orthogonal complement of q columns, shape (L, L - q)."""
    return np.linalg.qr(columns, mode="complete")[0][:, columns.shape[1] :]


def _require_one_endogenous(blocks: Blocks, what: str) -> None:
    if blocks.n_endogenous != 1:
        raise ValueError(f"{what} is for one endogenous variable; there are {blocks.n_endogenous}.")

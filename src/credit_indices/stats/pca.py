"""Principal components of a covariance or correlation matrix, with diagnostics.

SQL computes the moments and, from the loadings, the scores; this module reads no rows of data. An
analysis is a matrix of p variables and its number n of rows, so the cost depends on p only.
Diagnostics: the Kaiser-Meyer-Olkin measure, Bartlett's test of sphericity and Horn's parallel
analysis.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Row = dict[str, Any]

SEED = 1965
PARALLEL_DRAWS = 1_000
KINDS = ("correlation", "covariance")
SUM = re.compile(r"[0-9]{1,9}(\s*\+\s*[0-9]{1,9})*", re.ASCII)

SIGN_TIE = 1e-9
"""Absolute loadings this close, relative to the largest, are equal; smaller ones are zero."""

ASYMMETRY = 1e-9
"""Allowed difference of a pair's two values, relative to the product of standard deviations."""

INDEFINITE = 1e-8
"""A matrix with an eigenvalue below minus this is no correlation matrix."""

SINGULAR = 1e-10
"""A variable with a smaller share of unexplained variance is a combination of the others."""

RESULTS = pa.schema(
    [
        ("analysis_code", pa.string()),
        ("component", pa.int32()),
        ("variable", pa.string()),
        ("loading", pa.float64()),
        ("eigenvalue", pa.float64()),
        ("correlation_eigenvalue", pa.float64()),
        ("parallel_mean", pa.float64()),
        ("parallel_95", pa.float64()),
        ("parallel_draws", pa.int64()),
        ("parallel_seed", pa.int64()),
        ("status", pa.string()),
        ("message", pa.string()),
        ("n_observations", pa.int64()),
        ("n_dropped", pa.int64()),
        ("n_variables", pa.int32()),
        ("kmo", pa.float64()),
        ("bartlett_statistic", pa.float64()),
        ("bartlett_df", pa.int32()),
        ("bartlett_p_value", pa.float64()),
        ("variable_kmo", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Components:
    """Principal components of a p x p matrix.

    Attributes:
        eigenvalues: Variances of the components, shape (p,), descending, never negative.
        loadings: Unit eigenvectors, shape (p, p): row = variable, column = component.

    """

    eigenvalues: Vector
    loadings: Matrix


@dataclass(frozen=True)
class Sphericity:
    """Bartlett's test that p variables are uncorrelated in the population."""

    statistic: float
    df: int
    p_value: float


class _NotEstimated(Exception):
    """An analysis has no components; the text becomes its `message`."""


def correlation_matrix(covariance: Matrix) -> Matrix:
    """Scale a covariance matrix of shape (p, p), positive on its diagonal, to unit diagonal."""
    deviations = np.sqrt(np.diag(covariance))
    correlation = covariance / deviations / deviations[:, np.newaxis]
    np.fill_diagonal(correlation, 1.0)
    return correlation


def decompose(matrix: Matrix, references: Mapping[int, int] | None = None) -> Components:
    """Decompose a covariance or correlation matrix into its principal components.

    An eigenvector's sign is arbitrary; this rule fixes it. The loading of the component's reference
    variable is positive. Without a reference, or if its loading is zero, the largest absolute
    loading is positive; of several equally large ones, the first variable's.

    Args:
        matrix: Symmetric, shape (p, p), without negative eigenvalues except for rounding.
        references: From component to reference variable, both counted from 0.

    Returns:
        All p components. Components with equal eigenvalues span a plane (or more) that is
        determined, while their own directions within it are not.

    """
    eigenvalues, vectors = np.linalg.eigh(matrix)
    eigenvalues = np.maximum(eigenvalues[::-1], 0.0)
    vectors = vectors[:, ::-1].copy()
    for component, loadings in enumerate(vectors.T):
        sizes = np.abs(loadings)
        leading = int(np.argmax(sizes >= sizes.max() * (1 - SIGN_TIE)))
        reference = (references or {}).get(component, leading)
        if sizes[reference] <= SIGN_TIE * sizes.max():
            reference = leading
        if loadings[reference] < 0:
            loadings *= -1
    return Components(eigenvalues, vectors + 0.0)


def sampling_adequacy(correlation: Matrix) -> tuple[float, Vector]:
    """Measure of sampling adequacy of Kaiser, Meyer and Olkin, overall and by variable.

    Sums of squared correlations over themselves plus sums of squared partial correlations (given
    all other variables), off the diagonal. A value near one means that many variables share their
    common variance; below .5 only pairs do, and components are not useful. Kaiser & Rice (1974),
    *Educational and Psychological Measurement* 34, 111-117; SAS calls it MSA.

    Args:
        correlation: Non-singular, shape (p, p).

    Returns:
        The overall measure and those of the p variables; NaN where all correlations are zero.

    Raises:
        numpy.linalg.LinAlgError: The matrix is singular to the last bit.

    """
    precision = np.linalg.inv(correlation)
    scale = np.sqrt(np.diag(precision))
    partial = precision / np.outer(scale, scale)  # signs do not matter: only squares are used
    off_diagonal = ~np.eye(len(correlation), dtype=bool)
    shared = (correlation**2 * off_diagonal).sum(axis=0)
    paired = (partial**2 * off_diagonal).sum(axis=0)
    total, total_shared = (shared + paired).sum(), shared.sum()
    by_variable = np.full(len(correlation), np.nan)
    np.divide(shared, shared + paired, out=by_variable, where=shared + paired > 0)
    return float(total_shared / total) if total > 0 else float("nan"), by_variable


def bartlett_sphericity(correlation: Matrix, n: int) -> Sphericity:
    """Bartlett's test that the population's correlation matrix is the identity.

    chi2 = -(n - 1 - (2p + 5)/6) ln det R on p(p - 1)/2 degrees of freedom. Bartlett (1951),
    *Biometrika* 38, 337-344. It assumes normal rows.

    Args:
        correlation: Non-singular, shape (p, p), p > 1.
        n: Rows that the correlations were computed from, n > p.

    """
    from scipy.stats import chi2

    p = len(correlation)
    _, log_determinant = np.linalg.slogdet(correlation)
    statistic = max(0.0, -(n - 1 - (2 * p + 5) / 6) * float(log_determinant))
    df = p * (p - 1) // 2
    return Sphericity(statistic, df, float(chi2.sf(statistic, df)))


def random_eigenvalues(n: int, p: int, draws: int = PARALLEL_DRAWS, seed: int = SEED) -> Matrix:
    """Eigenvalues of correlation matrices of n rows of p independent normal variables.

    The cross-products of such rows, centred, are Wishart(n - 1, I). They are drawn as A A' with A
    lower triangular, standard normals below the diagonal and on it the roots of chi-squares with
    n - 1, n - 2, ..., n - p degrees of freedom (Bartlett's decomposition; Anderson 2003, *An
    Introduction to Multivariate Statistical Analysis*, section 7.2), so a million rows cost no more
    than a hundred. Rows of A scaled to unit length give correlations.

    Args:
        n: Rows, n > p.
        p: Variables.
        draws: Matrices.
        seed: Of the generator of this call: equal arguments give equal draws.

    Returns:
        Shape (draws, p), every row descending.

    Raises:
        ValueError: n is not above p, where the decomposition does not exist.

    """
    if n <= p:
        raise ValueError(f"{n} rows for {p} variables: n must be above p")
    generator = np.random.default_rng(seed)
    factors = np.tril(generator.standard_normal((draws, p, p)), -1)
    diagonal = np.arange(p)
    factors[:, diagonal, diagonal] = np.sqrt(generator.chisquare(n - 1 - diagonal, (draws, p)))
    factors /= np.linalg.norm(factors, axis=2, keepdims=True)
    return np.linalg.eigvalsh(factors @ factors.transpose(0, 2, 1))[:, ::-1]


def parallel_analysis(n: int, p: int) -> tuple[Vector, Vector]:
    """Horn's parallel analysis: the eigenvalues that unrelated variables have by chance.

    Keep a component if its eigenvalue exceeds that of the same rank in random data: the mean (Horn
    1965, *Psychometrika* 30, 179-185) or the 95th percentile (Glorfeld 1995, *Educational and
    Psychological Measurement* 55, 377-393). Both refer to correlation matrices; for a covariance
    matrix, compare the eigenvalues of its correlations.

    Returns:
        Means and 95th percentiles, each of shape (p,), over `PARALLEL_DRAWS` draws.

    """
    eigenvalues = random_eigenvalues(n, p)
    return eigenvalues.mean(axis=0), np.quantile(eigenvalues, 0.95, axis=0)


def results_table(matrices: pa.Table, variables: pa.Table) -> pa.Table:
    """Components, loadings and diagnostics of every analysis.

    Args:
        matrices: Columns analysis_code; decomposed ('correlation' or 'covariance': the matrix to
            decompose); n_observations and n_dropped (rows that the moments were computed from, and
            rows left out for a missing value); variable_a, variable_b, value (the pair's covariance
            or correlation: the full square with its diagonal). If correlations are decomposed, the
            square is scaled by its diagonal. The first four are the same on all rows of an
            analysis.
        variables: Columns analysis_code, position (order of the variables), variable,
            reference_components ('', '4' or '1+4': components, counted from 1, on which the
            variable's loading is to be positive).

    Returns:
        A table with the schema `RESULTS`, one row per analysis, component (from 1) and variable,
        sorted by analysis, component, position. `eigenvalue` is of the matrix decomposed;
        only `correlation_eigenvalue`, of its correlations, is comparable with `parallel_mean` and
        `parallel_95`. `status` is 'ok' or 'not_estimated'; `message` is NULL or describes the fault
        and its remedy. An analysis that cannot be estimated has a single row without component and
        variable. A singular matrix is decomposed, but its KMO and Bartlett's test are NULL. Faults
        of the data or of the catalog give a message; they never raise.

    """
    given = _by_analysis(matrices)
    wanted = _by_analysis(variables)
    parallel = cache(parallel_analysis)
    rows: list[Row] = []
    for code in sorted(given.keys() | wanted.keys()):
        cells = given.get(code, [])
        listed = sorted(wanted.get(code, []), key=lambda row: (row["position"], row["variable"]))
        shared: Row = {
            "analysis_code": code,
            "status": "ok",
            "n_observations": cells[0]["n_observations"] if cells else None,
            "n_dropped": cells[0]["n_dropped"] if cells else None,
            "n_variables": len(listed),
        }
        try:
            rows += [shared | row for row in _analysis(cells, listed, parallel)]
        except _NotEstimated as reason:
            rows.append(shared | {"status": "not_estimated", "message": str(reason)})
    return pa.Table.from_pylist(rows, schema=RESULTS)


def _by_analysis(table: pa.Table) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        groups[row["analysis_code"]].append(row)
    return groups


def _analysis(
    cells: Sequence[Row],
    listed: Sequence[Row],
    parallel: Callable[[int, int], tuple[Vector, Vector]],
) -> list[Row]:
    """Rows of one analysis, without the columns that they share; raises `_NotEstimated`."""
    names = _names(listed)
    references = _references(listed)
    kind, n = _kind_and_rows(cells, names)
    covariance = _square(cells, names)
    _check_moments(covariance, names, n)
    correlation = correlation_matrix(covariance)
    spectrum = np.linalg.eigvalsh(correlation)[::-1]
    if spectrum[-1] < -INDEFINITE:
        raise _NotEstimated(
            f"no data have this matrix: an eigenvalue of its correlations is {spectrum[-1]:.3g}; "
            "check its values, and give more decimals if they are rounded"
        )
    components = decompose(covariance if kind == "covariance" else correlation, references)
    parallel_mean, parallel_95 = parallel(n, len(names))
    diagnostics, by_variable, notes = _diagnostics(correlation, names, n)
    notes += _undetermined(components.eigenvalues)
    return [
        {
            "component": component + 1,
            "variable": name,
            "loading": float(components.loadings[row, component]),
            "eigenvalue": float(components.eigenvalues[component]),
            "correlation_eigenvalue": max(0.0, float(spectrum[component])),
            "parallel_mean": float(parallel_mean[component]),
            "parallel_95": float(parallel_95[component]),
            "parallel_draws": PARALLEL_DRAWS,
            "parallel_seed": SEED,
            "message": "; ".join(notes) or None,
            **diagnostics,
            "variable_kmo": by_variable[row],
        }
        for component in range(len(names))
        for row, name in enumerate(names)
    ]


def _names(listed: Sequence[Row]) -> list[str]:
    names = [row["variable"] for row in listed]
    if not names:
        raise _NotEstimated("a matrix without variables: list them in pca_variables")
    for name in names:
        if names.count(name) > 1:
            raise _NotEstimated(f"the variable {name} is listed twice in pca_variables")
    return names


def _references(listed: Sequence[Row]) -> dict[int, int]:
    """From component to variable, counted from 0."""
    references: dict[int, int] = {}
    for position, row in enumerate(listed):
        text = (row["reference_components"] or "").strip()
        if not text:
            continue
        numbers = [int(part) for part in text.split("+")] if re.fullmatch(SUM, text) else [0]
        if not all(1 <= number <= len(listed) for number in numbers):
            raise _NotEstimated(
                f"reference_components '{text}' of the variable {row['variable']} must be numbers "
                f"from 1 to {len(listed)}, joined by +"
            )
        for number in numbers:
            other = references.setdefault(number - 1, position)
            if other != position:
                raise _NotEstimated(
                    f"the variables {listed[other]['variable']} and {row['variable']} both claim "
                    f"component {number}: leave it to one of them in reference_components"
                )
    return references


def _kind_and_rows(cells: Sequence[Row], names: Sequence[str]) -> tuple[str, int]:
    n = (cells[0]["n_observations"] or 0) if cells else 0
    dropped = (cells[0]["n_dropped"] or 0) if cells else 0
    if n == 0:
        missing = f"none of {dropped} rows" if dropped else "no row"
        raise _NotEstimated(
            f"no data: {missing} has all of {', '.join(names)}; add the missing values, or remove "
            "the variable that lacks them from pca_variables"
        )
    for column in ("decomposed", "n_observations"):
        values = {row[column] for row in cells}
        if len(values) > 1:
            shown = ", ".join(sorted(map(str, values)))
            raise _NotEstimated(f"{column} differs between the rows of the matrix: {shown}")
    kind = cells[0]["decomposed"]
    if kind not in KINDS:
        raise _NotEstimated(f"matrix '{kind}' must be one of {', '.join(KINDS)}")
    if n <= len(names):
        aside = f" ({dropped} more were dropped for a missing value)" if dropped else ""
        raise _NotEstimated(
            f"{n} rows for {len(names)} variables: a PCA needs more rows than variables{aside}"
        )
    return kind, n


def _square(cells: Sequence[Row], names: Sequence[str]) -> Matrix:
    """Put the matrix in the order of the names, shape (p, p), its two triangles averaged."""
    index = {name: row for row, name in enumerate(names)}
    square = np.full((len(names), len(names)), np.nan)
    for cell in cells:
        a, b, value = cell["variable_a"], cell["variable_b"], cell["value"]
        for name in (a, b):
            if name not in index:
                raise _NotEstimated(f"the matrix has {name}, which pca_variables does not list")
        if not np.isnan(square[index[a], index[b]]):
            raise _NotEstimated(f"the matrix has the pair {a}, {b} twice")
        if value is not None and np.isfinite(float(value)):
            square[index[a], index[b]] = float(value)
    for a, b in np.argwhere(np.isnan(square)):
        raise _NotEstimated(f"the matrix lacks a value for the pair {names[a]}, {names[b]}")
    deviations = np.sqrt(np.abs(np.diag(square)))
    allowed = ASYMMETRY * np.outer(deviations, deviations)
    for a, b in np.argwhere(np.abs(square - square.T) > allowed):
        raise _NotEstimated(
            f"the matrix is not symmetric: {names[a]}, {names[b]} is {square[a, b]:.12g}, "
            f"{names[b]}, {names[a]} is {square[b, a]:.12g}"
        )
    return (square + square.T) / 2


def _check_moments(covariance: Matrix, names: Sequence[str], n: int) -> None:
    for name, variance in zip(names, np.diag(covariance), strict=True):
        if variance == 0:
            raise _NotEstimated(
                f"the variable {name} is constant over the {n} rows: remove it from pca_variables"
            )
        if variance < 0:
            raise _NotEstimated(f"the variance of {name} is {variance:.12g}, below zero")
    correlation = correlation_matrix(covariance)
    for a, b in np.argwhere(np.abs(correlation) > 1 + INDEFINITE):
        raise _NotEstimated(
            f"the correlation of {names[a]} and {names[b]} is {correlation[a, b]:.6g}, "
            "beyond one: check the pair's value"
        )


def _diagnostics(
    correlation: Matrix, names: Sequence[str], n: int
) -> tuple[Row, list[float | None], list[str]]:
    """KMO and Bartlett's test as columns, KMO by variable, and the reasons for NULLs."""
    nothing: Row = {
        "kmo": None,
        "bartlett_statistic": None,
        "bartlett_df": None,
        "bartlett_p_value": None,
    }
    if len(names) == 1:
        notes = ["one variable: KMO and Bartlett's test need two"]
        return nothing, [None], notes
    dependent = _linear_combinations(correlation, names)
    if dependent:
        notes = [
            f"the matrix is singular: {', '.join(dependent)}; the components are valid, but KMO "
            "and Bartlett's test are not defined: remove a variable from pca_variables"
        ]
        return nothing, [None] * len(names), notes
    kmo, by_variable = sampling_adequacy(correlation)
    test = bartlett_sphericity(correlation, n)
    found = {
        "kmo": _or_null(kmo),
        "bartlett_statistic": test.statistic,
        "bartlett_df": test.df,
        "bartlett_p_value": test.p_value,
    }
    notes = [] if np.isfinite(kmo) else ["all correlations are zero: KMO is not defined"]
    return found, [_or_null(value) for value in by_variable], notes


def _linear_combinations(correlation: Matrix, names: Sequence[str]) -> list[str]:
    """Describe the variables that are linear combinations of earlier ones."""
    kept: list[int] = []
    found = []
    for row, name in enumerate(names):
        beside = correlation[row, kept]
        weights = np.linalg.solve(correlation[np.ix_(kept, kept)], beside)
        if 1 - weights @ beside > SINGULAR:
            kept.append(row)
            continue
        terms = [names[j] for j, weight in zip(kept, weights, strict=True) if abs(weight) > 1e-6]
        found.append(f"{name} is a linear combination of {' and '.join(terms)}")
    return found


def _undetermined(eigenvalues: Vector) -> list[str]:
    """Describe the components that are determined only up to a rotation."""
    ties = -np.diff(eigenvalues) <= SIGN_TIE * eigenvalues[0]
    equal = np.flatnonzero(np.append(ties, False) | np.insert(ties, 0, False))
    if not len(equal):
        return []
    shown = ", ".join(str(component + 1) for component in equal)
    return [
        f"equal eigenvalues: the loadings of components {shown} are determined only up to a "
        "rotation"
    ]


def _or_null(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

"""Decompose the R2 and the total effect of a regression by blocks of terms.

A block is a set of exogenous terms, such as one dimension of an index; terms in no block are
controls, which are always included. All subsets of the blocks are estimated on one sample, from one
set of moments.

* Hierarchical entry: the gain in within R2 as the blocks enter in a given order, and a clustered
  Wald test at entry. The gain of a block depends on the blocks before it.
* Shapley (1953; for R2: Lindeman, Merenda & Gold 1980; Shorrocks 2013, "Decomposition procedures
  for distributional analysis", J. Economic Inequality 11): the mean of a block's gain over all
  orders, which does not depend on the order.
* Effects: the parts of the coefficient of the sum of the terms. Let S be the sum of all terms x_j
  of the blocks, all with controls and fixed effects partialled out (Frisch & Waugh 1933; Lovell
  1963), and y = sum_j b_j x_j + e the full regression. Since e is orthogonal to every x_j, it is to
  S, and the coefficient of y on S is cov(y, S)/var(S) = sum_j b_j cov(x_j, S)/var(S). The factors
  cov(x_j, S)/var(S) add up to one: the coefficient of an index is a weighted mean of those of its
  dimensions. This is meaningful only if the terms are on one scale, as the nodes of an index are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import factorial, isfinite
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from credit_indices.stats.panel.estimate import Wald, estimate, wald
from credit_indices.stats.panel.formula import Formula, factors
from credit_indices.stats.panel.moments import Moments
from credit_indices.stats.panel.specs import REFUSALS, NotEstimatedError, Panel, Row

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

MAX_BLOCKS = 12
"""Largest number of blocks for which all 2^B subsets are estimated."""

NOTHING = 1e-12
"""A gain in R2 below this is rounding error."""

RESULTS = pa.schema(
    [
        ("spec_code", pa.string()),
        ("block_code", pa.string()),
        ("block_number", pa.int32()),
        ("label", pa.string()),
        ("terms", pa.string()),
        ("term", pa.string()),
        ("status", pa.string()),
        ("message", pa.string()),
        ("r2_within_before", pa.float64()),
        ("r2_within_after", pa.float64()),
        ("r2_within_gain", pa.float64()),
        ("wald_f", pa.float64()),
        ("wald_df1", pa.int32()),
        ("wald_df2", pa.int32()),
        ("wald_p_value", pa.float64()),
        ("r2_within_gain_last", pa.float64()),
        ("shapley_value", pa.float64()),
        ("shapley_share", pa.float64()),
        ("variance_share", pa.float64()),
        ("effect", pa.float64()),
        ("effect_share", pa.float64()),
        ("total_effect", pa.float64()),
    ]
)


class DecompositionError(ValueError):
    """Blocks cannot be decomposed: a status (not_estimated or not_identified) and a message."""

    def __init__(self, message: str, status: str = "not_estimated") -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Decomposition:
    """Decomposition by B blocks, in their order of entry.

    R2 is the share of the outcome's variation within the fixed effects (around its mean without
    effects).

    Attributes:
        r2: (B + 1,) of the controls alone, then after the entry of each block.
        walds: (B) Wald test of the block's terms at its entry: CR1, F(q, N - 1).
        last_gains: (B,) R2 of all blocks less that of all others.
        shapley_values: (B,) mean gain over all orders; adds up to r2[-1] - r2[0].
        variance_shares: (B,) of the blocks' sum, cov(x_j, S)/var(S) by block; adds up to one.
        effects: (B,) of the coefficient of the blocks' sum, see the module; adds up to it.
        message: Message of the estimation, such as rows left out.

    """

    r2: Vector
    walds: tuple[Wald, ...]
    last_gains: Vector
    shapley_values: Vector
    variance_shares: Vector
    effects: Vector
    message: str

    @property
    def gains(self) -> Vector:
        """(B,) gain in R2 at entry."""
        return np.diff(self.r2)

    @property
    def shapley_shares(self) -> Vector:
        """(B,) of the R2 that all blocks gain; NaN where they gain nothing."""
        gained = self.shapley_values.sum()
        return _shares(self.shapley_values, gained if gained > NOTHING else 0.0)

    @property
    def total_effect(self) -> float:
        """Coefficient of the sum of the blocks' terms."""
        return float(self.effects.sum())

    @property
    def effect_shares(self) -> Vector:
        """(B,) of the total effect; may lie below 0 or above 1."""
        return _shares(self.effects, self.total_effect)


def decompose(moments: Moments, blocks: Sequence[Sequence[str]]) -> Decomposition:
    """Decompose a regression by blocks.

    Args:
        moments: Of the full regression, OLS with clusters.
        blocks: The terms of each block, in order of entry, as the formula writes them.

    Raises:
        DecompositionError: If the regression is 2SLS or has no clusters, a term is not in the
            formula, is in two blocks or is part of an interaction, there are more than `MAX_BLOCKS`
            blocks, or the full regression cannot be estimated.

    """
    _check(moments.formula, moments.cluster, blocks)
    fit = estimate(moments, cr3=False)
    if fit.status != "ok":
        raise DecompositionError(fit.message, fit.status)

    inside = [term for block in blocks for term in block]
    controls = [term for term in moments.formula.exogenous if term not in inside]
    walds = []
    for last in range(len(blocks)):
        entered = [term for block in blocks[: last + 1] for term in block]
        at_entry = estimate(moments.restricted_to(controls + entered), cr3=False)
        walds.append(wald(at_entry, blocks[last]))

    r2 = _r2_of_subsets(moments, blocks)
    everything = len(r2) - 1
    slopes = np.array([fit.coefficients[fit.terms.index(term)] for term in inside])
    variance_shares = _variance_shares(moments, blocks)
    return Decomposition(
        r2=r2[[2**entered - 1 for entered in range(len(blocks) + 1)]],
        walds=tuple(walds),
        last_gains=np.array([r2[-1] - r2[everything - 2**b] for b in range(len(blocks))]),
        shapley_values=_shapley_values(r2, len(blocks)),
        variance_shares=_by_block(variance_shares, blocks),
        effects=_by_block(slopes * variance_shares, blocks),
        message=fit.message,
    )


def decompositions_table(
    connection: Any,
    relation: str,
    specs: pa.Table,
    blocks: pa.Table,
    variables: pa.Table,
    nonpositive_under_log: pa.Table,
) -> pa.Table:
    """Decompose every specification that has blocks.

    Args:
        connection: As for `results.results_table`, like `relation`, `specs` and
            `nonpositive_under_log` below.
        relation: The panel in SQL.
        specs: The regressions.
        blocks: Columns spec_code, block_code, block_number, term: a row per term.
        variables: Columns variable_code and label_en.
        nonpositive_under_log: Values that are not positive under a log transform.

    Returns:
        A table with the schema `RESULTS`, one row per specification and block. A specification that
        cannot be decomposed has a status and a message on all its rows; it never raises. `term` is
        the term of a block with one term.

    """
    panel = Panel.of(connection, relation, variables, nonpositive_under_log)
    labels = {
        row["variable_code"]: row["label_en"] or row["variable_code"]
        for row in variables.to_pylist()
    }
    listed: dict[str, dict[tuple[int, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in blocks.to_pylist():
        listed[row["spec_code"]][row["block_number"], row["block_code"]].append(row["term"])
    rows: list[Row] = []
    for spec in sorted(specs.to_pylist(), key=lambda spec: spec["spec_code"]):
        if spec["spec_code"] in listed:
            of_spec = dict(sorted(listed[spec["spec_code"]].items()))
            rows += _rows(panel, spec, of_spec, labels)
    return pa.Table.from_pylist(rows, schema=RESULTS)


def _rows(
    panel: Panel, spec: Row, blocks: Mapping[tuple[int, str], list[str]], labels: Mapping[str, str]
) -> list[Row]:
    numbers: list[Row] = [{} for _ in blocks]
    shared: Row = {"status": "ok"}
    terms = [sorted(block) for block in blocks.values()]
    try:
        formula = panel.formula(spec)
        terms = _as_written(formula, blocks)
        samples = panel.samples(spec, formula)
        if len(samples) > 1:
            raise NotEstimatedError(
                f"sample_region {spec['sample_region']} is a difference of two samples, but blocks "
                "need a regression on one sample: give each sample its own specification"
            )
        found = decompose(panel.moments(formula, samples[0], spec["cluster"]), terms)
    except DecompositionError as reason:
        shared = {"status": reason.status, "message": str(reason)}
    except REFUSALS as reason:
        shared = {"status": "not_estimated", "message": str(reason)}
    else:
        shared["message"] = found.message or None
        numbers = list(_numbers(found))
    return [
        {
            "spec_code": spec["spec_code"],
            "block_code": code,
            "block_number": number,
            "label": "; ".join(_label(term, labels) for term in block),
            "terms": " + ".join(block),
            "term": block[0] if len(block) == 1 else None,
        }
        | shared
        | row
        for (number, code), block, row in zip(blocks, terms, numbers, strict=True)
    ]


def _numbers(found: Decomposition) -> list[Row]:
    return [
        {
            "r2_within_before": found.r2[b],
            "r2_within_after": found.r2[b + 1],
            "r2_within_gain": found.gains[b],
            "wald_f": _number(test.f),
            "wald_df1": test.df1,
            "wald_df2": test.df2,
            "wald_p_value": _number(test.p_value),
            "r2_within_gain_last": found.last_gains[b],
            "shapley_value": found.shapley_values[b],
            "shapley_share": _number(found.shapley_shares[b]),
            "variance_share": found.variance_shares[b],
            "effect": found.effects[b],
            "effect_share": _number(found.effect_shares[b]),
            "total_effect": found.total_effect,
        }
        for b, test in enumerate(found.walds)
    ]


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _label(term: str, labels: Mapping[str, str]) -> str:
    return " x ".join(labels.get(name, name) for name in factors(term))


def _as_written(formula: Formula, blocks: Mapping[tuple[int, str], list[str]]) -> list[list[str]]:
    """Return each block's terms in the order and spelling of the formula."""
    written = {factors(term): term for term in formula.regressors}
    found = []
    for (_, code), block in blocks.items():
        for term in block:
            if (term,) not in written and factors(term) not in written:
                raise DecompositionError(
                    f"block {code}: {term} is not a regressor of the formula; expected one of "
                    f"{', '.join(formula.regressors)}"
                )
        chosen = {written.get((term,)) or written[factors(term)] for term in block}
        found.append([term for term in formula.regressors if term in chosen])
    return found


def _check(formula: Formula, cluster: str, blocks: Sequence[Sequence[str]]) -> None:
    """Refuse regressions and blocks without a decomposition."""
    if formula.endogenous:
        raise DecompositionError("2SLS has no R2 to divide: expected a formula without instruments")
    if not cluster:
        raise DecompositionError(
            "cluster is empty (HC1): blocks are tested with clustered errors; expected unit_id"
        )
    if not 1 <= len(blocks) <= MAX_BLOCKS:
        raise DecompositionError(
            f"{len(blocks)} blocks: expected 1 to {MAX_BLOCKS}, since the shares need all 2^B "
            "subsets; combine terms into fewer blocks"
        )
    inside = [term for block in blocks for term in block]
    for term in inside:
        if term not in formula.exogenous:
            raise DecompositionError(
                f"{term} is not a regressor of the formula; expected one of "
                f"{', '.join(formula.exogenous)}"
            )
        if inside.count(term) > 1:
            raise DecompositionError(f"{term} is in the blocks twice")
        product = next(
            (
                other
                for other in formula.exogenous
                if len(factors(other)) > 1 and set(factors(other)) & set(factors(term))
            ),
            None,
        )
        if product:
            raise DecompositionError(
                f"{term} is part of the interaction {product}: the share of either depends on the "
                "zero points of its variables; expected blocks without interactions"
            )


def _positions(moments: Moments, blocks: Sequence[Sequence[str]]) -> list[list[int]]:
    return [[moments.terms.index(term) for term in block] for block in blocks]


def _without_controls(moments: Moments, kept: list[int]) -> tuple[Matrix, Vector]:
    """Cross-products of outcome and kept terms with the controls partialled out.

    Returns:
        (1 + k, 1 + k) for the outcome and the k kept terms, each scaled to a variation of one
        within the effects, and (1 + k,) the scales.

    """
    scale = np.sqrt(np.diag(moments.total))
    correlation = moments.total / np.outer(scale, scale)
    left = [0, *kept]
    controls = [j for j in moments.exogenous if j not in kept]
    products = correlation[np.ix_(left, left)]
    if controls:
        beside = correlation[np.ix_(controls, left)]
        factor = cho_factor(correlation[np.ix_(controls, controls)])
        products = products - beside.T @ cho_solve(factor, beside)
    return products, scale[left]


def _r2_of_subsets(moments: Moments, blocks: Sequence[Sequence[str]]) -> Vector:
    """R2 with every subset of the blocks, shape (2^B,): bit b of the position is block b."""
    positions = _positions(moments, blocks)
    products, _ = _without_controls(moments, [j for block in positions for j in block])
    ends = 1 + np.cumsum([len(block) for block in positions])
    places = np.split(np.arange(1, len(products)), ends[:-1] - 1)
    r2 = np.full(2 ** len(blocks), 1 - products[0, 0])
    for subset in range(1, len(r2)):
        chosen = np.concatenate([place for b, place in enumerate(places) if subset >> b & 1])
        beside = products[chosen, 0]
        r2[subset] += beside @ cho_solve(cho_factor(products[np.ix_(chosen, chosen)]), beside)
    return r2


def _shapley_values(r2: Vector, n_blocks: int) -> Vector:
    """Gain of each block over all subsets of the others, each weighted by its share of orders."""
    subsets = np.arange(len(r2))
    sizes = np.array([int(subset).bit_count() for subset in subsets])
    orders = np.array(
        [factorial(size) * factorial(n_blocks - 1 - size) for size in range(n_blocks)]
    ) / factorial(n_blocks)
    values = np.empty(n_blocks)
    for b in range(n_blocks):
        without = subsets[(subsets >> b & 1) == 0]
        gains = np.maximum(r2[without + 2**b] - r2[without], 0.0)  # never negative but by rounding
        values[b] = orders[sizes[without]] @ gains
    return values


def _variance_shares(moments: Moments, blocks: Sequence[Sequence[str]]) -> Vector:
    """cov(x_j, S)/var(S) of all terms, block by block."""
    positions = _positions(moments, blocks)
    products, scale = _without_controls(moments, [j for block in positions for j in block])
    variation = (products * np.outer(scale, scale))[1:, 1:]
    return variation.sum(axis=1) / variation.sum()


def _by_block(values: Vector, blocks: Sequence[Sequence[str]]) -> Vector:
    """Sum the values of terms by block, shape (B,)."""
    starts = np.cumsum([0, *(len(block) for block in blocks[:-1])])
    return np.add.reduceat(values, starts)


def _shares(values: Vector, total: float) -> Vector:
    return values / total if total else np.full(len(values), np.nan)

"""The Analytic Hierarchy Process: weights from pairwise judgements, and their consistency.

A *comparison matrix* is a square array over n items. Entry [i, j] says how many times as important
item i is as item j; entry [j, i] is its reciprocal, the diagonal is 1, and a pair without a
judgement is NaN in both places. All numbers are ratios without unit.

Sources: Saaty (1980), *The Analytic Hierarchy Process*, for eigenvector and consistency; Harker
(1987), *Mathematical Modelling* 9(11), for incomplete judgements; Aczel & Saaty (1983), *Journal of
Mathematical Psychology* 27(1), and Forman & Peniwati (1998), *European Journal of Operational
Research* 108(1), for groups; Agoston & Csato (2022), *Omega* 108, for the random index of
incomplete judgements; Koczkodaj (1993), *Mathematical and Computer Modelling* 18(7), for triads.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

GROUP = "group"
"""The expert_id of the group's judgements, reserved: no expert may have it."""
ACCEPTABLE_RATIO = 0.10
"""Saaty's bound of the consistency ratio."""
TRIAD_TOLERANCE = 0.05
"""Tolerance for rounding: 0.33 stands for a third, 0.17 for a sixth."""

PRIORITIES_SCHEMA = pa.schema(
    [
        ("index_code", pa.string()),
        ("parent_code", pa.string()),
        ("expert_id", pa.string()),
        ("item_code", pa.string()),
        ("weight", pa.float64()),
        ("n_items", pa.int32()),
        ("n_pairs_missing", pa.int32()),
        ("is_connected", pa.bool_()),
        ("lambda_max", pa.float64()),
        ("consistency_index", pa.float64()),
        ("random_index_table", pa.string()),
        ("random_index", pa.float64()),
        ("consistency_ratio", pa.float64()),
        ("accepted", pa.bool_()),
        ("message", pa.string()),
    ]
)


@dataclass(frozen=True)
class Priorities:
    """Weights of n items, shape (n,), positive, sum 1, and the consistency of the judgements."""

    weights: NDArray[np.float64]
    lambda_max: float
    consistency_index: float
    n_pairs_missing: int


def comparison_matrix(items: Sequence[str], judgements: Iterable[tuple[str, str, float]]) -> Matrix:
    """Arrange judgements as a comparison matrix.

    Args:
        items: the n items, which are the rows and columns.
        judgements: (item_a, item_b, how many times as important a is as b), any positive number.

    Returns:
        The matrix, shape (n, n).

    Raises:
        ValueError: an item is not in the list or compared with itself, a judgement has no
            positive finite value and reciprocal, or a pair is judged twice.

    """
    position = {item: number for number, item in enumerate(items)}
    matrix = np.full((len(items), len(items)), np.nan)
    np.fill_diagonal(matrix, 1)
    for item_a, item_b, judgement in judgements:
        for item in (item_a, item_b):
            if item not in position:
                raise ValueError(f"{item!r} is not one of the items {', '.join(items)}")
        row, column = position[item_a], position[item_b]
        if not (judgement > 0 and np.isfinite(judgement) and np.isfinite(1 / judgement)):
            raise ValueError(f"{item_a} over {item_b} is {judgement}, not a positive number")
        if not np.isnan(matrix[row, column]):
            raise ValueError(f"{item_a} over {item_b} is judged twice, or is one item")
        matrix[row, column], matrix[column, row] = judgement, 1 / judgement
    return matrix


def group_matrix(matrices: Sequence[Matrix]) -> Matrix:
    """Aggregate individual judgements (AIJ): their geometric mean, pair by pair.

    The geometric mean keeps the matrix reciprocal; the other usual means do not (Aczel & Saaty
    1983). Every expert who judged a pair counts equally; the judgement of a single expert is kept
    unchanged.

    Args:
        matrices: one comparison matrix per expert, at least one, of the same shape (n, n).

    Returns:
        The group's comparison matrix, NaN where no expert judged.

    """
    stack = np.stack(matrices)
    n_experts = (~np.isnan(stack)).sum(axis=0)
    mean = np.exp(np.nansum(np.log(stack), axis=0) / np.maximum(n_experts, 1))
    matrix = np.where(n_experts == 1, np.nansum(stack, axis=0), mean)
    return np.where(n_experts == 0, np.nan, matrix)


def components(matrix: Matrix) -> list[list[int]]:
    """Return the groups of items that comparisons connect, directly or indirectly.

    One group means that the judgements determine all weights. Groups, and the positions in a
    group, are in ascending order.
    """
    groups, seen = [], set()
    for start in range(len(matrix)):
        if start in seen:
            continue
        group, waiting = {start}, [start]
        while waiting:
            neighbours = set(np.flatnonzero(~np.isnan(matrix[waiting.pop()])).tolist()) - group
            group |= neighbours
            waiting += neighbours
        seen |= group
        groups.append(sorted(group))
    return groups


def priorities(matrix: Matrix) -> Priorities:
    """Return the weights and the consistency of a comparison matrix, complete or not.

    The weights are the principal eigenvector (Saaty 1980). A missing pair is set to zero, and the
    diagonal of a row to 1 plus the number of pairs missing in it (Harker 1987); this is equivalent
    to completing the matrix by the ratios of the resulting weights. The consistency index is
    (lambda_max - n) / (n - 1). It is 0 if all judgements agree, and always for one or two items.

    Raises:
        ValueError: the comparisons do not connect the items, or the matrix is not a comparison
            matrix.

    """
    n = len(matrix)
    _require_comparison_matrix(matrix)
    if len(components(matrix)) > 1:
        raise ValueError(
            "The comparisons do not connect the items; the weights are not determined."
        )
    missing = np.isnan(matrix)
    weights, lambda_max = _principal_eigenvector(matrix, missing)
    if n <= 2 or lambda_max - n < 1e-12 * n:  # never below n but for rounding
        lambda_max = float(n)
    consistency_index = (lambda_max - n) / (n - 1) if n > 1 else 0.0
    return Priorities(weights, lambda_max, consistency_index, int(missing.sum()) // 2)


def scaled_random_index(random_index: float, n_items: int, n_pairs_missing: int) -> float:
    """Scale the random index of complete matrices to one with missing pairs.

    The fewer the pairs, the more consistent a random matrix: RI (1 - 2 m / ((n - 1)(n - 2)))
    (Agoston & Csato 2022). It is 0 for a spanning tree, whose judgements cannot disagree.
    """
    if n_pairs_missing == 0:
        return random_index
    return random_index * (1 - 2 * n_pairs_missing / ((n_items - 1) * (n_items - 2)))


def is_spanning_tree(n_items: int, n_pairs_missing: int) -> bool:
    """Return whether connected items have only n - 1 judgements, too few to test consistency."""
    return n_items > 2 and 2 * n_pairs_missing == (n_items - 1) * (n_items - 2)


def worst_triad(matrix: Matrix) -> tuple[int, int, int] | None:
    """Return the three items whose judgements contradict each other most.

    Of all i < j < k with three judgements, the triad with the largest a_ij a_jk / a_ik or inverse;
    Koczkodaj's (1993) index is 1 minus the smaller of both. The first of equal triads is taken.

    Returns:
        The positions, or None where no triad is complete or all agree within TRIAD_TOLERANCE.

    """
    logs = np.log(matrix)
    gaps = np.abs(logs[:, :, None] + logs[None, :, :] - logs[:, None, :])
    first, second, third = np.ogrid[: len(logs), : len(logs), : len(logs)]
    gaps = np.where((first < second) & (second < third) & ~np.isnan(gaps), gaps, 0)
    largest = gaps.max(initial=0)
    if largest <= np.log1p(TRIAD_TOLERANCE):
        return None
    i, j, k = np.argwhere(gaps >= largest - 1e-9)[0]
    return int(i), int(j), int(k)


def triad_sentence(matrix: Matrix, items: Sequence[str], triad: Sequence[int]) -> str:
    """Describe how the three judgements of a triad contradict each other.

    The items are put in an order in which each is at least as important as the next, which is
    always possible.
    """
    a, b, c = next(
        (i, j, k) for i, j, k in permutations(triad) if matrix[i, j] >= 1 and matrix[j, k] >= 1
    )
    return (
        f"{items[a]} over {items[b]} is {_number(matrix[a, b])} and {items[b]} over {items[c]} is "
        f"{_number(matrix[b, c])}, so {items[a]} over {items[c]} should be near "
        f"{_number(matrix[a, b] * matrix[b, c])}, but it is {_number(matrix[a, c])}"
    )


def components_sentence(groups: Sequence[Sequence[int]], items: Sequence[str]) -> str:
    """Describe the groups of items, two at least, that no comparison connects."""
    *others, last = ["{" + ", ".join(items[i] for i in group) + "}" for group in groups]
    return f"{', '.join(others)} and {last} are not compared with each other"


def priorities_table(
    judgements: pa.Table, items: pa.Table, random_indices: pa.Table, random_index_table: str
) -> pa.Table:
    """Weights and consistency of every parent's children, by expert and for the group.

    Args:
        judgements: index_code, parent_code, expert_id, item_a, item_b, judgement (a over b, > 0);
            a pair of children of the parent at most once per expert. Judgements on parents that
            ``items`` lacks are ignored.
        items: index_code, parent_code, item_code: all children of all parents.
        random_indices: random_index_table, n_items, random_index.
        random_index_table: the table to use.

    Returns:
        A table with PRIORITIES_SCHEMA, sorted, the group last among the experts: one row per parent
        with at least two children, expert with a judgement there, and child. A parent without
        judgements has rows for the group.

        * weight, lambda_max, consistency_index: NULL where the comparisons do not connect the
          items (is_connected is false).
        * random_index: the divisor of the consistency ratio, scaled for missing pairs; NULL without
          a ratio: the judgements cannot be tested (not connected, or n - 1 judgements on more than
          two items) or the table has no value for n_items. Two items are consistent by definition:
          ratio 0, whatever the table.
        * accepted: consistency_ratio <= ACCEPTABLE_RATIO; NULL if the ratio is NULL.
        * message: a sentence on the worst triad or on the items that are not connected, else NULL.

    Raises:
        ValueError: a judgement is invalid (see :func:`comparison_matrix`) or an expert is called
            "group".

    """
    children = defaultdict(list)
    for row in items.to_pylist():
        children[row["index_code"], row["parent_code"]].append(row["item_code"])
    by_expert = defaultdict(lambda: defaultdict(list))
    for row in judgements.to_pylist():
        if row["expert_id"] == GROUP:
            raise ValueError(
                f"An expert cannot be called {GROUP!r}: the name is reserved for all "
                "experts together."
            )
        by_expert[row["index_code"], row["parent_code"]][row["expert_id"]].append(
            (row["item_a"], row["item_b"], float(row["judgement"]))
        )
    random_index = {
        row["n_items"]: float(row["random_index"])
        for row in random_indices.to_pylist()
        if row["random_index_table"] == random_index_table
    }
    rows = []
    for index_code, parent_code in sorted(key for key in children if len(children[key]) > 1):
        codes = sorted(children[index_code, parent_code])
        experts = by_expert.get((index_code, parent_code), {})
        matrices = {expert: comparison_matrix(codes, experts[expert]) for expert in sorted(experts)}
        matrices[GROUP] = group_matrix(list(matrices.values()) or [comparison_matrix(codes, [])])
        for expert, matrix in matrices.items():
            weights, results = _results(matrix, codes, random_index.get(len(codes)))
            rows += [
                {
                    "index_code": index_code,
                    "parent_code": parent_code,
                    "expert_id": expert,
                    "item_code": code,
                    "weight": weight,
                    "random_index_table": random_index_table,
                    **results,
                }
                for code, weight in zip(codes, weights, strict=True)
            ]
    return pa.Table.from_pylist(rows, schema=PRIORITIES_SCHEMA)


def _results(
    matrix: Matrix, codes: Sequence[str], random_index: float | None
) -> tuple[list[float | None], dict[str, object]]:
    """Return the weights, and the columns shared by all rows of one matrix."""
    n = len(codes)
    groups = components(matrix)
    results = {
        "n_items": n,
        "n_pairs_missing": int(np.isnan(matrix).sum()) // 2,
        "is_connected": len(groups) == 1,
    }
    if len(groups) > 1:
        return [None] * n, {**results, "message": components_sentence(groups, codes)}
    found = priorities(matrix)
    results |= {"lambda_max": found.lambda_max, "consistency_index": found.consistency_index}
    if n <= 2:
        results |= {"random_index": random_index, "consistency_ratio": 0.0, "accepted": True}
    elif random_index is not None and not is_spanning_tree(n, found.n_pairs_missing):
        scaled = scaled_random_index(random_index, n, found.n_pairs_missing)
        ratio = found.consistency_index / scaled
        results |= {
            "random_index": scaled,
            "consistency_ratio": ratio,
            "accepted": ratio <= ACCEPTABLE_RATIO,
        }
    triad = worst_triad(matrix)
    if triad:
        results["message"] = triad_sentence(matrix, codes, triad)
    return found.weights.tolist(), results


def _require_comparison_matrix(matrix: Matrix) -> None:
    if matrix.ndim != 2 or len(matrix) == 0 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(
            f"A comparison matrix must be square; this one has the shape {matrix.shape}."
        )
    product = np.where(np.isnan(matrix) & np.isnan(matrix.T), 1, matrix * matrix.T)
    positive = np.isnan(matrix) | (matrix > 0)
    if not (positive.all() and np.allclose(product, 1) and np.allclose(np.diag(matrix), 1)):
        raise ValueError(
            "A comparison matrix must be positive and reciprocal, with 1 in the diagonal."
        )


def _principal_eigenvector(matrix: Matrix, missing: NDArray[np.bool_]) -> tuple[Matrix, float]:
    """Return the positive eigenvector, sum 1, of Harker's matrix and its eigenvalue.

    The matrix is first scaled by weights fitted by logarithmic least squares, which removes ratios
    that span many powers of ten: consistent judgements leave only zeros and ones off the diagonal.
    The scaling changes no eigenvalue.
    """
    n = len(matrix)
    logs = np.where(missing, 0, np.log(matrix))
    laplacian = np.diag((~missing).sum(axis=1)) - (~missing).astype(float)
    fitted = np.linalg.solve(laplacian + 1 / n, logs.sum(axis=1))
    scaled = np.where(missing, 0, np.exp(logs + fitted[None, :] - fitted[:, None]))
    np.fill_diagonal(scaled, 1 + missing.sum(axis=1))
    values, vectors = np.linalg.eig(scaled)
    largest = values.real.argmax()
    vector = vectors[:, largest].real
    vector = vector / vector[np.abs(vector).argmax()]
    assert vector.min() > -1e-9, "the principal eigenvector has one sign (Perron, Frobenius)"
    vector = np.abs(vector)
    for _ in range(n):  # power iteration: entries far below the largest become exact, too
        vector = scaled @ vector
        vector /= vector.max()
    weights = vector * np.exp(fitted - fitted.max())
    return weights / weights.sum(), float(values[largest].real)


def _number(value: float) -> str:
    """Write a number with three significant digits, never with an exponent."""
    return np.format_float_positional(value, precision=3, unique=False, fractional=False, trim="-")

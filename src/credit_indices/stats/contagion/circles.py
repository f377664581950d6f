"""Guarantee circles: enterprises that guarantee each other's debts in a circle."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CIRCLES = pa.schema(
    [
        ("circle_number", pa.int64()),  # from 1; the largest circles first
        ("enterprise_key", pa.string()),
        ("members", pa.int64()),
    ]
)


def circles_table(exposures: pa.Table) -> pa.Table:
    """Find the strongly connected components of two or more enterprises.

    In such a component every enterprise answers, directly or through others, for the debts of every
    other one. The components are those of Tarjan (1972), by scipy.sparse.csgraph.

    Args:
        exposures: A row per pair of enterprises and kind: exposed_key, counterparty_key, kind. Rows
            of the kind `guarantee` are read.

    Returns:
        A table with the schema `CIRCLES`, sorted. Circles of one size are in the order of their
        smallest keys.

    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    guarantees = exposures.filter(pc.equal(exposures["kind"], "guarantee"))
    ends = [guarantees[name].combine_chunks() for name in ("exposed_key", "counterparty_key")]
    keys = np.unique(np.concatenate([np.array(end.to_pylist(), dtype=object) for end in ends]))
    if not keys.size:
        return CIRCLES.empty_table()
    names = pa.array(keys, pa.string())
    places = [pc.index_in(end, names).to_numpy(zero_copy_only=False) for end in ends]
    graph = coo_array((np.ones(places[0].size), tuple(places)), shape=(keys.size, keys.size))
    _, component = connected_components(graph, directed=True, connection="strong")
    sizes = np.bincount(component)
    first = np.full(sizes.size, keys.size)
    np.minimum.at(first, component, np.arange(keys.size))
    in_order = sorted(np.flatnonzero(sizes >= 2), key=lambda one: (-sizes[one], first[one]))
    number_of = {one: number for number, one in enumerate(in_order, start=1)}
    rows = sorted(
        (number_of[one], key, int(sizes[one]))
        for one, key in zip(component, keys, strict=True)
        if sizes[one] >= 2
    )
    return pa.Table.from_pylist(
        [dict(zip(CIRCLES.names, row, strict=True)) for row in rows], CIRCLES
    )

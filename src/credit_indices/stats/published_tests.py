"""Degrees of freedom that fit a reported table of t tests.

A regression table reports t and p, both rounded, but often not the method of its standard errors.
The p-value depends only on t and the degrees of freedom, so the pairs show which were used: those
of a regression with independent errors, or the clusters minus one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

REPORTED_T = pa.schema(
    [
        ("coefficient_code", pa.string()),
        ("df", pa.int64()),
        ("p_value", pa.float64()),
        ("p_lower", pa.float64()),
        ("p_upper", pa.float64()),
        ("agrees", pa.bool_()),
    ]
)


def reported_t_table(coefficients: Iterable[Mapping[str, Any]], most_df: int) -> pa.Table:
    """P-values of reported t values under every number of degrees of freedom.

    Args:
        coefficients: records with coefficient_code, t_value and p_value as reported, decimals
            (those of t_value) and p_decimals; records without a t or a p-value are left out.
        most_df: the largest number of degrees of freedom to examine, such as observations minus
            one.

    Returns:
        A table with the schema `REPORTED_T`, one row per coefficient and per df from 1 to
        `most_df`: the two-sided p-value of the reported t, the smallest and largest p-value of the
        t values that round to it, and whether any of these rounds to the reported p-value.

    """
    from scipy.stats import t as student

    df = np.arange(1, most_df + 1)
    tables = []
    for row in coefficients:
        if row["t_value"] is None or row["p_value"] is None:
            continue
        t, half = abs(row["t_value"]), 0.5 * 10.0 ** -row["decimals"]
        p_half = 0.5 * 10.0 ** -row["p_decimals"]
        low = 2 * student.sf(t + half, df)
        high = 2 * student.sf(max(t - half, 0.0), df)
        agrees = (low <= row["p_value"] + p_half) & (high >= row["p_value"] - p_half)
        code = [row["coefficient_code"]] * len(df)
        columns = [code, df, 2 * student.sf(t, df), low, high, agrees]
        tables.append(pa.Table.from_arrays([pa.array(c) for c in columns], schema=REPORTED_T))
    return pa.concat_tables(tables) if tables else REPORTED_T.empty_table()

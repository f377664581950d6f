"""Significance of correlation coefficients."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy import stats


def tests_table(descriptives: pa.Table) -> pa.Table:
    """Test that a Pearson correlation is zero: t = r sqrt(n - 2) / sqrt(1 - r^2) on n - 2.

    Args:
        descriptives: Columns variable_code, sample, n_with_index (pairs) and
            correlation_with_index (r, NULL where there is none).

    Returns:
        A table with variable_code, sample, p_value (two-sided; NULL without r or with fewer than
        three pairs; 0 where |r| is 1).

    """
    r = np.array(descriptives["correlation_with_index"].to_pylist(), dtype=float)
    n = np.array(descriptives["n_with_index"].to_pylist(), dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(r) * np.sqrt(n - 2) / np.sqrt(np.maximum(1 - r**2, 0))
        p_values = 2 * stats.t.sf(statistic, n - 2)
    known = ~np.isnan(p_values) & (n > 2)
    return pa.table(
        {
            "variable_code": descriptives["variable_code"],
            "sample": descriptives["sample"],
            "p_value": pa.array(p_values, mask=~known, type=pa.float64()),
        }
    )

"""The panel that the regressions read: one row per unit and period, one column per variable."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from credit_indices.stats.panel.moments import quote


def wide(long: Any, variables: pa.Table) -> pa.Table:
    """Pivot long values to a panel.

    Args:
        long: A DuckDB relation with the columns variable_code, unit_id, region, period, value; at
            most one row per variable, unit and period.
        variables: A table with the column variable_code; columns are sorted by it. One
            without any value becomes a column of NULLs.

    Returns:
        A table with unit_id, region, period and one double per variable, sorted by unit and
        period. Missing values are NULL.

    """
    codes = sorted(set(variables["variable_code"].to_pylist()))
    columns = "".join(
        f", max(case when variable_code = {_literal(code)} then value end) as {quote(code)}"
        for code in codes
    )
    return long.query(
        "long_values",
        f"select unit_id, region, period{columns} from long_values "
        "group by unit_id, region, period order by unit_id, period",
    ).to_arrow_table()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""Write the new alerts of a day for other systems."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from credit_indices.early_warning.state_file import CATALOG, SUFFIX, quoted

FORMATS = {"csv": "format csv, header", "parquet": "format parquet"}


def write_alerts(connection: duckdb.DuckDBPyConnection, state: Path) -> Path:
    """Write alerts_today as CSV and Parquet, readable by their owner only.

    Args:
        connection: A connection on which the state is attached.
        state: The file of the state; the folder is beside it and named after it.

    Returns:
        The folder, with one file of each format per as-of date.

    """
    folder = state.with_name(state.name.removesuffix(SUFFIX) + ".alerts")
    folder.mkdir(mode=0o700, exist_ok=True)
    (as_of,) = connection.execute(f"select max(as_of) from {CATALOG}.loads").fetchone()
    connection.execute(f"create or replace temp table written as from {CATALOG}.alerts_today")
    for suffix, options in FORMATS.items():
        file = folder / f"{as_of}.{suffix}"
        partial = file.with_name(f".{file.name}.{os.getpid()}")
        connection.execute(
            f"copy (from written order by alert) to {quoted(str(partial))} ({options})"
        )
        partial.chmod(0o600)
        partial.replace(file)
    return folder

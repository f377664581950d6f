"""Check that the warehouse's file can be written: DuckDB allows one writing process."""

import os
from pathlib import Path

import duckdb


class NotWritable(Exception):
    """The file is open elsewhere or not a DuckDB file; the message is for the user."""


def require_writable(path: Path, *, is_disposable: bool = False, in_place: bool = False) -> None:
    """Write an old WAL back into a warehouse, and check that it can be written or replaced.

    Args:
        path: The warehouse; it need not exist.
        is_disposable: Whether a file that DuckDB cannot read may be replaced.
        in_place: Whether the file itself will be written. Otherwise another file takes its name,
            and readers are no obstacle: they keep the file that they opened.

    Raises:
        NotWritable: Another process has the file open, or it is not a DuckDB file.

    """
    if not path.exists():
        return
    try:
        duckdb.connect(str(path)).close()
    except duckdb.Error as error:
        found, _, holder = str(error).partition("Conflicting lock is held in ")
        if not holder and is_disposable:
            return
        command = "dbt" if in_place else "make"
        other = f"CREDIT_INDICES_DB=warehouse/other.duckdb {command} build"
        if not os.access(path, os.W_OK):
            raise NotWritable(
                f"{path} cannot be written: permission denied. Name another file: {other}"
            ) from None
        if not holder:
            raise NotWritable(
                f"{path} cannot be opened as a DuckDB file ({found.splitlines()[0]}). Move it "
                f"away, or build into another file: {other}"
            ) from None
        if not in_place and _has_only_readers(path):
            return
        holder = holder.partition(". ")[0]
        raise NotWritable(
            f"{path} is open in another process ({holder}), and DuckDB allows only one writing "
            f"process. Close it there, or build into another file: {other}"
        ) from None


def data_source(path: Path) -> tuple[str | None] | None:
    """Return the folder from which dbt built a warehouse, in a tuple; None if it is not noted.

    The folder is None for the shipped data (macros/warehouse/check_data_source.sql).
    """
    if not path.exists():
        return None
    with duckdb.connect(str(path), read_only=True) as connection:
        if not connection.execute(
            "select 1 from duckdb_tables() where (schema_name, table_name) = ('state', 'folder')"
        ).fetchone():
            return None
        return connection.execute("select path from state.folder").fetchone()


def _has_only_readers(path: Path) -> bool:
    if path.with_name(path.name + ".wal").exists():
        return False
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.IOException:
        return False
    return True

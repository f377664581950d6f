"""The file of the early warning's state, beside the warehouse and named after it.

It is a DuckDB file that only its owner can read, since it holds the events of enterprises. Builds
attach it and never copy it.
"""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

import duckdb

CATALOG = "early_warning"
"""Name under which the state is attached, and database of the dbt sources that read it."""

VERSION = 2
"""Version of the layout (sql/layout.sql)."""

MIGRATIONS = {1: "alter table {catalog}.erasures add column last_alert bigint"}
"""What makes a layout the next one, by its version."""

VARIABLE = "CREDIT_INDICES_WARNING_STATE"
"""Environment variable with the file of the state; empty for the one beside the warehouse."""

SUFFIX = ".warnings.duckdb"

DAMAGED = (
    "Restore a copy of it, or move it away: the next run makes a new state from the events that "
    "the folder holds, without the earlier alert log."
)


class StateError(Exception):
    """The state cannot be used; the message is for the user."""


_replaced: dict[Path, Path] = {}
"""Files that take the place of a state for the rest of the process (`past`)."""


def path_beside(warehouse: Path) -> Path:
    """Return the state's file of a warehouse, or the one that the environment names."""
    return Path(os.environ.get(VARIABLE) or warehouse.with_name(warehouse.stem + SUFFIX))


def path_of(connection: duckdb.DuckDBPyConnection) -> Path:
    """Return the state's file of a connection's current database."""
    (warehouse,) = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchone()
    if warehouse is None and not os.environ.get(VARIABLE):
        raise StateError(
            f"The warehouse is in memory, so no file can be beside it. Name the file of the early "
            f"warning's state in {VARIABLE}."
        )
    return path_beside(Path(warehouse or "memory.duckdb"))


def replace(file: Path, other: Path | None) -> bool:
    """Use another file in place of a state for the rest of the process; None ends that.

    Returns:
        Whether another file was in its place.

    """
    was_replaced = _replaced.pop(file, None) is not None
    if other is not None:
        _replaced[file] = other
    return was_replaced


def attach_existing(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Attach a state, or the file in its place, if it exists."""
    file = _replaced.get(file, file)
    if file.exists():
        attach(connection, file)


def sql(name: str) -> str:
    """Return the text of a file in the folder sql."""
    return (resources.files(__package__) / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def attach(connection: duckdb.DuckDBPyConnection, file: Path, catalog: str = CATALOG) -> None:
    """Attach the state as ``early_warning``; create it if the file does not exist.

    Args:
        connection: The connection.
        file: The file of the state.
        catalog: Another name under which it is attached.

    Raises:
        StateError: If another process has the file open, it is no state, or its layout is unknown.

    """
    if catalog in _attached(connection):
        return
    _open(connection, file, catalog)
    try:
        _check_layout(connection, file, catalog)
    except StateError:
        connection.execute(f"detach {catalog}")
        raise


def tables(connection: duckdb.DuckDBPyConnection, catalog: str = CATALOG) -> list[str]:
    """Return the tables of the attached state."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? order by 1", [catalog]
    ).fetchall()
    return [name for (name,) in rows]


def folder(connection: duckdb.DuckDBPyConnection) -> tuple[str | None, int]:
    """Return the folder whose events the attached state holds, and their number.

    The folder is None for the shipped data, and for a new state.
    """
    return connection.execute(
        f"select folder, (select count(*) from {CATALOG}.events) from {CATALOG}.layout"
    ).fetchone()


def is_same_folder(one: str | None, other: str | None) -> bool:
    """Whether two names are of the same folder, or both of the shipped data (None)."""
    if one is None or other is None:
        return one is other
    return os.path.realpath(one) == os.path.realpath(other)


def kept_events(file: Path) -> tuple[str | None, int]:
    """Return the folder whose events a state's file holds, and their number; 0 without a file.

    Raises:
        StateError: If the file cannot be read as a state.

    """
    if not file.exists():
        return None, 0
    with duckdb.connect() as connection:
        attach(connection, file)
        return folder(connection)


def _attached(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("select database_name from duckdb_databases()").fetchall()
    return {name for (name,) in rows}


def _open(connection: duckdb.DuckDBPyConnection, file: Path, catalog: str) -> None:
    before = os.umask(0o077)  # the file and its write-ahead log hold events of enterprises
    try:
        connection.execute(f"attach {quoted(str(file))} as {catalog}")
    except duckdb.Error as error:
        found, _, holder = str(error).partition("Conflicting lock is held in ")
        if holder:
            raise StateError(
                f"The state of the early warning, {file}, is open in another process "
                f"({holder.partition('. ')[0]}). Wait until it ends, or close the file there."
            ) from None
        raise StateError(
            f"The state of the early warning, {file}, cannot be opened as a DuckDB file "
            f"({found.splitlines()[0]}). {DAMAGED}"
        ) from None
    finally:
        os.umask(before)
    if file.stat().st_mode & 0o077 and file.stat().st_uid == os.geteuid():
        file.chmod(0o600)


def _check_layout(connection: duckdb.DuckDBPyConnection, file: Path, catalog: str) -> None:
    found = tables(connection, catalog)
    if not found:
        _create(connection, catalog)
        return
    if "layout" not in found:
        raise StateError(
            f"{file} is not a state of the early warning: it has no table layout. Move it away; "
            "the next run creates the state from the events of the folder."
        )
    (version,) = connection.execute(f"select version from {catalog}.layout").fetchone()
    while version in MIGRATIONS:
        version = _migrate(connection, catalog, version)
    if version != VERSION:
        raise StateError(
            f"The state of the early warning, {file}, has layout {version}; this version of the "
            f"project reads layout {VERSION}. Use the version of the project that wrote it, or "
            "create the state again from a folder that holds all events (FULL_REFRESH=1)."
        )


def _create(connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
    cursor = connection.cursor()  # `use` holds for a cursor only
    cursor.execute(f"use {catalog}")
    cursor.execute("begin")
    cursor.execute(sql("layout"))
    cursor.execute(f"insert into layout values ({VERSION}, null, null, null)")
    cursor.execute("commit")
    cursor.close()


def _migrate(connection: duckdb.DuckDBPyConnection, catalog: str, version: int) -> int:
    """Make a layout the next one, in one transaction; return its version."""
    cursor = connection.cursor()
    cursor.execute("begin")
    cursor.execute(MIGRATIONS[version].format(catalog=catalog))
    cursor.execute(f"update {catalog}.layout set version = {version + 1}")
    cursor.execute("commit")
    cursor.close()
    return version + 1


def quoted(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"

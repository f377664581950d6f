"""State that a build keeps for the next one: the schema ``state`` of the warehouse.

Incremental models and snapshots add to existing tables. Every build creates a new candidate file,
so their tables are first copied into it, if they come from the same folder of input tables. The
shipped data are complete and need no state.
"""

from pathlib import Path

import duckdb

SCHEMA = "state"
FOLDER = "folder"
"""The table in which dbt records the input folder (macros/warehouse/check_data_source.sql)."""

REPLACED = "int_warnings__measures"
"""The table of metrics in earlier versions. Its successor is computed from the stored events."""

EVENTS = "int_warnings__events"
SHIPPED_EVENTS = "restricted.synthetic_enterprise_events"


def carry_over(warehouse: Path, candidate: Path, data_dir: str) -> int:
    """Copy the state of a warehouse into a candidate.

    Args:
        warehouse: The existing warehouse, if any.
        candidate: The file to create. It is not created if there is nothing to carry over.
        data_dir: The folder that the new build reads, absolute.

    Returns:
        The number of events that were carried over.

    """
    if not warehouse.exists():
        return 0
    with duckdb.connect() as connection:
        connection.execute(f"attach {_text(str(warehouse))} as old (read_only)")
        tables = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() "
                "where database_name = 'old' and schema_name = ?",
                [SCHEMA],
            ).fetchall()
        }
        if not {FOLDER, EVENTS} <= tables:
            return 0
        if connection.execute(f"select path from old.{SCHEMA}.{FOLDER}").fetchall() != [
            (data_dir,)
        ]:
            return 0
        connection.execute(f"attach {_text(str(candidate))} as new")
        candidate.chmod(0o600)
        connection.execute(f"create schema new.{SCHEMA}")
        for name in sorted(tables - {FOLDER, REPLACED}):  # dbt records the folder of the new build
            connection.execute(f'create table new.{SCHEMA}."{name}" as from old.{SCHEMA}."{name}"')
        return connection.execute(f"select count(*) from new.{SCHEMA}.{EVENTS}").fetchone()[0]


def events_of_other_folder(warehouse: Path, data_dir: str | None) -> tuple[str, int] | None:
    """Return the origin of a warehouse's events if a build of this folder would delete them.

    Args:
        warehouse: The existing warehouse, if any.
        data_dir: The folder that the new build reads, absolute; None for the shipped data.

    Returns:
        Their folder and number. None if there are none, or if they are from the same folder; the
        shipped events do not count.

    """
    if not warehouse.exists():
        return None
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select concat_ws('.', schema_name, table_name) from duckdb_tables()"
        ).fetchall()
        if not {(f"{SCHEMA}.{FOLDER}",), (f"{SCHEMA}.{EVENTS}",)} <= set(tables):
            return None
        kept = f"from {SCHEMA}.{EVENTS}"
        if (SHIPPED_EVENTS,) in tables:
            kept += f" where event_id not in (select event_id from {SHIPPED_EVENTS})"
        return connection.execute(
            f"select path, (select count(*) {kept}) as events from {SCHEMA}.{FOLDER} "
            "where path is distinct from ? and path is not null and events > 0",
            [data_dir],
        ).fetchone()


def other_source(warehouse: Path, data_dir: str | None) -> str:
    """Name the data that a warehouse was built from; empty if they are those of ``data_dir``."""
    if not warehouse.exists():
        return ""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if not connection.execute(
            "select count(*) from duckdb_tables() where (schema_name, table_name) = (?, ?)",
            [SCHEMA, FOLDER],
        ).fetchone()[0]:
            return ""
        (folder,) = connection.execute(f"select path from {SCHEMA}.{FOLDER}").fetchone()
    if folder == data_dir:
        return ""
    return f"the data in {folder}" if folder else "the shipped data"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

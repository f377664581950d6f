"""The layout before the state had a file of its own: tables in the schema state of a warehouse.

A new state takes over their events and the history of levels.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from credit_indices.early_warning.state_file import CATALOG, SUFFIX, StateError, quoted

NAME = "older_warehouse"

RECORDS = f"""
select
    enterprise_key, event_id, event_type, role, result, occurred_at, recorded_at, amount, ratio,
    times, null::varchar as warning, null::varchar as owner, null::timestamp as snoozed_until,
    null::varchar as reason, content
from {NAME}.state.int_warnings__events
"""

HISTORY = f"""
insert into {CATALOG}.level_history
select
    enterprises.en,
    levels.level_rank,
    history.signals,
    history.score,
    history.rule_codes,
    history.dbt_valid_from::date,
    history.dbt_valid_to::date
from {NAME}.state.enterprise_status_history as history
inner join {CATALOG}.enterprises as enterprises using (enterprise_key)
inner join {CATALOG}.levels as levels using (level)
"""


def attach(
    connection: duckdb.DuckDBPyConnection, state: Path, folder: str | None, key_check: str
) -> bool:
    """Attach the warehouse of a new state if it has the older layout and data of the same folder.

    Args:
        connection: A connection.
        state: The file of the state.
        folder: The folder of the input tables.
        key_check: The hash that identifies the secret of the enterprise keys.

    Returns:
        Whether there are events to take over.

    Raises:
        StateError: If the events are stored under another secret.

    """
    warehouse = state.with_name(state.name.removesuffix(SUFFIX) + ".duckdb")
    current = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchone()[0]
    if folder is None or not warehouse.is_file() or current == str(warehouse):
        return False
    connection.execute(f"attach {quoted(str(warehouse))} as {NAME} (read_only)")
    tables = {
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where (database_name, schema_name) = (?, ?)",
            [NAME, "state"],
        ).fetchall()
    }
    if not {"folder", "int_warnings__events", "int_warnings__keys"} <= tables or connection.execute(
        f"select path from {NAME}.state.folder"
    ).fetchall() != [(folder,)]:
        detach(connection)
        return False
    checks = connection.execute(f"from {NAME}.state.int_warnings__keys").fetchall()
    if checks and checks != [(key_check,)]:
        detach(connection)
        raise StateError(
            f"The events of earlier builds in {warehouse} are stored under another "
            "CREDIT_INDICES_PSEUDONYM_KEY. Set that key again, or load a folder that holds all "
            "events with FULL_REFRESH=1."
        )
    return True


def take_history(connection: duckdb.DuckDBPyConnection) -> None:
    """Take over the history of levels, if the attached older warehouse has one."""
    if connection.execute(
        "select 1 from duckdb_tables() where database_name = ? "
        "and table_name = 'enterprise_status_history'",
        [NAME],
    ).fetchone():
        connection.execute(HISTORY)


def detach(connection: duckdb.DuckDBPyConnection) -> None:
    """Detach the older warehouse."""
    connection.execute(f"detach {NAME}")

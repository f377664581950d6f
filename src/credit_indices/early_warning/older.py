"""The layout before the state had a file of its own: tables in the schema state of a warehouse.

A new state takes over their events and the history of levels.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from credit_indices.early_warning.state_file import CATALOG, SUFFIX, StateError, quoted

NAME = "older_warehouse"

RECORDS = """
select
    enterprise_key, event_id, event_type, role, result, occurred_at, recorded_at, amount, ratio,
    times, null::varchar as warning, null::varchar as owner, null::timestamp as snoozed_until,
    null::varchar as reason, md5_number_lower(content) as content
from {catalog}.state.int_warnings__events
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
from {{catalog}}.state.enterprise_status_history as history
inner join {CATALOG}.enterprises as enterprises using (enterprise_key)
inner join {CATALOG}.levels as levels using (level)
"""


def find(
    connection: duckdb.DuckDBPyConnection, state: Path, folder: str | None, key_check: str
) -> str | None:
    """Find the older layout of a new state, with data of the same folder.

    Args:
        connection: A connection, whose current database may be the warehouse.
        state: The file of the state.
        folder: The folder of the input tables.
        key_check: The hash that identifies the secret of the enterprise keys.

    Returns:
        The catalog of the warehouse with these tables, attached if it is not the current database;
        None if there are none.

    Raises:
        StateError: If the events are stored under another secret.

    """
    warehouse = state.with_name(state.name.removesuffix(SUFFIX) + ".duckdb")
    catalog, current = connection.execute(
        "select database_name, path from duckdb_databases() "
        "where database_name = current_database()"
    ).fetchone()
    if folder is None or not warehouse.is_file():
        return None
    if current is None or not warehouse.samefile(current):
        connection.execute(f"attach {quoted(str(warehouse))} as {NAME} (read_only)")
        catalog = NAME
    if not {"folder", "int_warnings__events", "int_warnings__keys"} <= _tables(connection, catalog):
        detach(connection)
        return None
    source = f'"{catalog}".state'
    if connection.execute(f"select path from {source}.folder").fetchall() != [(folder,)]:
        detach(connection)
        return None
    checks = connection.execute(f"from {source}.int_warnings__keys").fetchall()
    if checks and checks != [(key_check,)]:
        detach(connection)
        raise StateError(
            f"The events of earlier builds in {warehouse} are stored under another "
            "CREDIT_INDICES_PSEUDONYM_KEY. Set that key again, or load a folder that holds all "
            "events with FULL_REFRESH=1."
        )
    return catalog


def records(catalog: str) -> str:
    """Return the query on the events of a catalog that `find` returned."""
    return RECORDS.format(catalog=f'"{catalog}"')


def take_history(connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
    """Take over the history of levels, if the catalog has one."""
    if "enterprise_status_history" in _tables(connection, catalog):
        connection.execute(HISTORY.format(catalog=f'"{catalog}"'))


def detach(connection: duckdb.DuckDBPyConnection) -> None:
    """Detach the older warehouse, if it is not the current database."""
    connection.execute(f"detach database if exists {NAME}")


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> set[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where (database_name, schema_name) = (?, 'state')",
        [catalog],
    ).fetchall()
    return {name for (name,) in rows}

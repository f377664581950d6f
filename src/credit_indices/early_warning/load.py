"""Load the models of the warehouse's input into the state: the model int_warnings__day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from credit_indices.early_warning import engine, older, past, register, state_file
from credit_indices.early_warning.state_file import StateError

SCHEMA = pa.schema(
    [
        ("as_of", pa.date32()),
        ("records", pa.int64()),
        ("added", pa.int64()),
        ("touched", pa.int64()),
        ("alerts", pa.int64()),
        ("fault", pa.string()),
    ]
)


def load(connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str]) -> pa.Table:
    """Load the events of this run into the state beside the warehouse.

    Args:
        connection: A connection whose current database is the warehouse.
        queries: Queries on the models `run`, `enterprises`, `consents`, `records`, `rules`,
            `levels`, `deadlines` and `event_types`.

    Returns:
        One row: the as-of date, the records read, the events added, the enterprises computed
        again, and the new alerts. `fault` says why nothing was loaded, NULL if it was; the model
        int_warnings__as_of raises it as an error without a traceback.

    """
    try:
        day = _load(connection, queries)
    except StateError as error:
        row = {"as_of": None, "records": 0, "added": 0, "touched": 0, "alerts": 0}
        return pa.Table.from_pylist([row | {"fault": str(error)}], SCHEMA)
    row = {
        "as_of": day.as_of,
        "records": day.records,
        "added": day.added,
        "touched": day.touched,
        "alerts": day.alerts,
        "fault": None,
    }
    return pa.Table.from_pylist([row], SCHEMA)


def _load(connection: duckdb.DuckDBPyConnection, queries: Mapping[str, str]) -> engine.Day:
    file = state_file.path_of(connection)
    past.forget(connection, file)
    state_file.attach(connection, file)
    run = connection.execute(
        "select as_of, folder, is_full_refresh, key_check, is_partial, started_at "
        f"from ({queries['run']})"
    ).fetchone()
    if run is None:  # dbt build --empty
        return engine.Day(date.today(), 0, 0, 0, 0)
    as_of, folder, is_full_refresh, key_check, is_partial, started_at = run
    inputs = _inputs(queries, key_check)
    is_new = state_file.folder(connection) == (None, 0)
    older_catalog = None
    if is_new and not is_full_refresh:
        older_catalog = older.find(connection, file, folder, key_check)
    if older_catalog:
        given = f"{inputs.records} union all by name {older.records(older_catalog)}"
        inputs = replace(inputs, records=given)
    day = engine.load_day(
        connection,
        inputs,
        as_of,
        folder=folder,
        is_full_refresh=is_full_refresh,
        register=register.fingerprint(Path(folder), started_at) if folder else None,
        is_partial=is_partial,
    )
    if older_catalog:
        older.take_history(connection, older_catalog)
        older.detach(connection)
    if as_of is not None:
        past.rewind(connection, file, inputs, as_of)
    return day


def _inputs(queries: Mapping[str, str], key_check: str) -> engine.Inputs:
    enterprises = queries["enterprises"]
    return engine.Inputs(
        enterprises=(
            f"select enterprise_key, registered_capital, exposure, data_origin from ({enterprises})"
        ),
        consents=(
            "select enterprises.enterprise_key, consents.data_class, consents.granted_at, "
            f"consents.withdrawn_at from ({queries['consents']}) as consents "
            f"inner join ({enterprises}) as enterprises using (enterprise_id)"
        ),
        records=(
            "select enterprise_key, event_id, event_type, role, result, occurred_at, recorded_at, "
            "amount, ratio, times, warning, owner, snoozed_until, reason, content "
            f"from ({queries['records']}) where is_consented"
        ),
        rules=(
            f"select rules.*, levels.level_rank from ({queries['rules']}) as rules "
            f"inner join ({queries['levels']}) as levels using (level)"
        ),
        levels=(
            "select level, level_rank, response, deadline_kind, deadline_amount "
            f"from ({queries['levels']})"
        ),
        deadlines=queries["deadlines"],
        codes=(
            f"select 'event_type' as kind, event_type as text from ({queries['event_types']}) "
            f"union select 'role', role from ({queries['rules']}) where role is not null "
            f"union select 'role', role from ({queries['records']}) where role is not null "
            f"union select 'result', result from ({queries['records']}) where result is not null"
        ),
        key_check=key_check,
    )

"""Results as of a day before the last recorded one, computed from the events known then.

The state itself goes forward only. A past day is computed in a file of its own, which takes the
place of the state for the rest of the run and is deleted by the next one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from credit_indices.early_warning import engine, state_file
from credit_indices.early_warning.state_file import CATALOG

KEPT = "early_warning_kept"
"""Name under which the state is attached while the past is computed."""

RECORDS = f"""
select
    enterprises.enterprise_key,
    texts.event_id,
    types.text as event_type,
    roles.text as role,
    results.text as result,
    events.occurred as occurred_at,
    events.recorded as recorded_at,
    events.amount,
    events.ratio,
    events.times,
    events.warning,
    handling.owner,
    handling.snoozed_until,
    handling.reason,
    texts.content
from {KEPT}.events as events
inner join {KEPT}.event_texts as texts using (event_hash)
inner join {KEPT}.enterprises as enterprises using (en)
left join {KEPT}.handling as handling using (event_hash)
inner join {KEPT}.codes as types on types.kind = 'event_type' and events.type_code = types.code
left join {KEPT}.codes as roles on roles.kind = 'role' and events.role_code = roles.code
left join {KEPT}.codes as results on results.kind = 'result' and events.result_code = results.code
where events.recorded < timestamp '{{end}}'
"""

LOG = f"""
delete from {CATALOG}.layout;
insert into {CATALOG}.layout from {KEPT}.layout;
insert into {CATALOG}.enterprises from {KEPT}.enterprises;
insert into {CATALOG}.codes from {KEPT}.codes;
insert into {CATALOG}.alert_log from {KEPT}.alert_log where as_of <= date '{{as_of}}';
insert into {CATALOG}.level_history
select * replace (case when valid_to <= date '{{as_of}}' then valid_to end as valid_to)
from {KEPT}.level_history where valid_from <= date '{{as_of}}';
insert into {CATALOG}.loads from {KEPT}.loads where as_of <= date '{{as_of}}';
"""


def rewind(
    connection: duckdb.DuckDBPyConnection, file: Path, inputs: engine.Inputs, as_of: date
) -> None:
    """Put the state of an earlier day in the place of the attached state, if it knows more.

    Args:
        connection: A connection on which the state is attached.
        file: The file of the state.
        inputs: The input of the run; its records are in the state already.
        as_of: The day at whose end the results are valid.

    """
    end = as_of + timedelta(days=1)
    (knows_more,) = connection.execute(
        f"select count(*) > 0 from {CATALOG}.events where recorded >= ?", [end]
    ).fetchone()
    if not knows_more:
        return
    folder, _ = state_file.folder(connection)
    connection.execute(f"detach {CATALOG}")
    state_file.attach(connection, file, KEPT)
    state_file.replace(file, _past_of(file))
    state_file.attach(connection, _past_of(file))
    connection.execute(LOG.format(as_of=as_of))
    engine.load_day(
        connection,
        replace(inputs, records=RECORDS.format(end=end)),
        as_of,
        folder=folder,
        is_logged=False,
    )
    connection.execute(f"detach {KEPT}")


def forget(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Delete the past state of an earlier run, and detach it."""
    if state_file.replace(file, None):
        connection.execute(f"detach database if exists {CATALOG}")
    past = _past_of(file)
    for leftover in (past, past.with_name(past.name + ".wal")):
        leftover.unlink(missing_ok=True)


def _past_of(file: Path) -> Path:
    return file.with_name(file.stem + ".past.duckdb")

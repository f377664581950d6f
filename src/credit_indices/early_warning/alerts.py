"""The alert log and the history of levels, which follow the days of the state."""

from __future__ import annotations

from datetime import date

import duckdb

from credit_indices.early_warning.state_file import CATALOG, StateError, sql


def is_later(connection: duckdb.DuckDBPyConnection, as_of: date) -> bool:
    """Whether a day is after the last one that was loaded."""
    (last,) = connection.execute(f"select max(as_of) from {CATALOG}.loads").fetchone()
    return last is None or as_of > last


def advance(connection: duckdb.DuckDBPyConnection, as_of: date) -> int:
    """Log what has changed up to the end of a day; return the number of new alerts.

    An as-of date before the last one changes nothing: the log is append only, so it is advanced to
    the last one again.

    Args:
        connection: A connection in the transaction of a load, with its temporary tables.
        as_of: The as-of date of the load.

    """
    (last,) = connection.execute(f"select max(as_of) from {CATALOG}.loads").fetchone()
    connection.execute(
        "create or replace temp table work_day as select "
        "greatest(?::date, ?::date) as as_of, "
        "(as_of + interval 1 day)::timestamp as ends_at, "
        "(?::date + interval 1 day)::timestamp as previous_end",
        [as_of, last, last],
    )
    connection.execute(sql("log"))
    return connection.execute("select count(*) from work_new_alerts").fetchone()[0]


def erase(
    connection: duckdb.DuckDBPyConnection, enterprise_key: str, today: date
) -> tuple[int, list[date]]:
    """Delete an enterprise's entries of the alert log, and log their number.

    Args:
        connection: A connection on which the state is attached.
        enterprise_key: The key of the enterprise.
        today: The day of the erasure. No new alert follows from consents given before it.

    Returns:
        The number of entries, and the days on which alerts were opened.

    Raises:
        StateError: If no enterprise has this key, or a consent is in force.

    """
    run = connection.execute
    found = run(
        f"select en from {CATALOG}.enterprises where enterprise_key = ?", [enterprise_key]
    ).fetchone()
    if found is None:
        raise StateError(f"No enterprise has the key {enterprise_key!r}.")
    (in_force,) = run(
        "select string_agg(distinct data_class, ', ' order by data_class) "
        f"from {CATALOG}.consents where en = ? and granted_at <= ? "
        "and (withdrawn_at is null or withdrawn_at > ?)",
        [found[0], today, today],
    ).fetchone()
    if in_force:
        raise StateError(
            f"Consent of {enterprise_key} is in force ({in_force}). Alerts are erased after all "
            "consents have ended: write withdrawn_at in enterprise_consents, and load the day."
        )
    run("begin")
    try:
        (entries,) = run(
            f"select count(*) from {CATALOG}.alert_log where en = ?", [found[0]]
        ).fetchone()
        days = run(
            f"select distinct as_of from {CATALOG}.alert_log where en = ? and entry = 'opened'",
            [found[0]],
        ).fetchall()
        run(
            f"insert into {CATALOG}.erasures select ?, ?, max(alert) from {CATALOG}.alert_log",
            [today, entries],
        )
        for table in ("alert_log", "open_alerts", "level_history"):
            run(f"delete from {CATALOG}.{table} where en = ?", [found[0]])
        run(f"update {CATALOG}.enterprises set erased_on = ? where en = ?", [today, found[0]])
        run("commit")
    except BaseException:
        run("rollback")
        raise
    return entries, [day for (day,) in days]

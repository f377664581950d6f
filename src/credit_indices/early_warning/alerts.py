"""The alert log and the history of levels, which follow the days of the state."""

from __future__ import annotations

from datetime import date

import duckdb

from credit_indices.early_warning.state_file import CATALOG, sql


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

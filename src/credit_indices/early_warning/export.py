"""Write the new alerts of a day for other systems."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from credit_indices.early_warning.state_file import CATALOG, SUFFIX, quoted
from credit_indices.exports.safe_csv import cell

ROWS_AT_ONCE = 50_000

OF_DAY = f"""
select
    entries.alert,
    entries.as_of,
    entries.enterprise_key,
    entries.level,
    levels.response,
    entries.opened_at,
    entries.due_at,
    entries.rule_codes,
    entries.event_ids,
    enterprises.exposure,
    entries.data_origin
from {CATALOG}.alert_entries as entries
inner join {CATALOG}.enterprises as enterprises using (enterprise_key)
left join {CATALOG}.levels as levels using (level)
where entries.entry = 'opened' and entries.as_of = date '{{day}}'
"""
"""The columns of alerts_today, for any day."""


def folder_of(state: Path) -> Path:
    """Return the folder of the files, beside the state and named after it."""
    return state.with_name(state.name.removesuffix(SUFFIX) + ".alerts")


def write_alerts(connection: duckdb.DuckDBPyConnection, state: Path) -> Path:
    """Write the alerts of the last day, and of earlier days without files, as after a build.

    Args:
        connection: A connection on which the state is attached.
        state: The file of the state.

    Returns:
        The folder, with one file of each format per as-of date, readable by their owner only.

    """
    folder = folder_of(state)
    folder.mkdir(mode=0o700, exist_ok=True)
    days = connection.execute(
        f"select as_of, sum(alerts) > 0 from {CATALOG}.loads group by as_of order by as_of"
    ).fetchall()
    for day, has_alerts in days[:-1]:
        if has_alerts and not (folder / f"{day}.csv").exists():
            _write_day(connection, folder, day, OF_DAY.format(day=day))
    if days:
        _write_day(connection, folder, days[-1][0], f"from {CATALOG}.alerts_today")
    return folder


def rewrite_days(
    connection: duckdb.DuckDBPyConnection, state: Path, days: Collection[date]
) -> None:
    """Write the files of these days again, if they exist."""
    folder = folder_of(state)
    for day in days:
        if (folder / f"{day}.csv").exists():
            _write_day(connection, folder, day, OF_DAY.format(day=day))


def write_unused(connection: duckdb.DuckDBPyConnection, records: str, folder: Path) -> Path:
    """Write quarantined records to a CSV file of the last day; return the file."""
    (day,) = connection.execute(f"select max(as_of) from {CATALOG}.loads").fetchone()
    file = folder / f"{day}.not-used.csv"
    with _replaced(file) as partial:
        _write_csv(connection, f"from {records} order by source_file, source_row", partial)
    return file


def _write_day(connection: duckdb.DuckDBPyConnection, folder: Path, day: date, query: str) -> None:
    connection.execute(f"create or replace temp table written as {query}")
    with _replaced(folder / f"{day}.csv") as partial:
        _write_csv(connection, "from written order by alert", partial)
    with _replaced(folder / f"{day}.parquet") as partial:
        connection.execute(
            f"copy (from written order by alert) to {quoted(str(partial))} (format parquet)"
        )


def _write_csv(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write a query's rows as CSV that is safe to open in a spreadsheet (exports.safe_csv)."""
    rows = connection.execute(query)
    with open(file, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([name for name, *_ in rows.description])
        while some := rows.fetchmany(ROWS_AT_ONCE):
            writer.writerows([cell(value) for value in row] for row in some)


@contextmanager
def _replaced(file: Path) -> Iterator[Path]:
    """Write a file under another name, readable by its owner only, and then replace it."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    partial.touch(mode=0o600)
    yield partial
    partial.replace(file)

"""One step of the benchmark of the early warning, in a process of its own.

Prints a JSON object with the seconds and CPU seconds of the step, without imports, and its counts.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECRET = "the public key of a benchmark"

COMPARED = {
    "signals": """
        select enterprises.enterprise_key, rules.rule_code, signals.* exclude (en, rule)
        from {state}.signals as signals
        inner join {state}.enterprises as enterprises using (en)
        inner join {state}.rules as rules using (rule)
    """,
    "warnings": """
        select
            enterprises.enterprise_key,
            first_rules.rule_code,
            len(warnings.rules) as n_rules,
            warnings.* exclude (en, rules, first_rule)
        from {state}.warnings as warnings
        inner join {state}.enterprises as enterprises using (en)
        inner join {state}.rules as first_rules on warnings.first_rule = first_rules.rule
    """,
    "repairs": """
        select enterprises.enterprise_key, repairs.* exclude (en, result_code)
        from {state}.repairs as repairs
        inner join {state}.enterprises as enterprises using (en)
    """,
    "levels": """
        select enterprises.enterprise_key, history.* exclude (en, valid_from, valid_to)
        from {state}.level_history as history
        inner join {state}.enterprises as enterprises using (en)
        where history.valid_to is null
    """,
}
"""Queries with equal rows after a load of the history and one of the day, and after one of both."""


def load(folder: Path, name: str, memory: str) -> dict[str, Any]:
    """`make day` on the input tables in a folder, in the state of that name."""
    from credit_indices.early_warning import state_file
    from credit_indices.pipeline import day
    from credit_indices.pipeline.runner.project import load_project

    warehouse = folder / f"{name}.duckdb"
    state = state_file.path_beside(warehouse)
    before = state.stat().st_size if state.exists() else 0
    load_project(Path(), Path("target/cache"), database=name)  # parses the project if need be
    started, cpu = time.monotonic(), time.process_time()
    day.load_day(
        str(folder / "input"), warehouse, settings={"memory_limit": memory, "threads": "2"}
    )
    return {
        "seconds": time.monotonic() - started,
        "cpu_seconds": time.process_time() - cpu,
        "megabytes": state.stat().st_size / 1e6,
        "megabytes_added": (state.stat().st_size - before) / 1e6,
    }


def compare(folder: Path, name: str, memory: str) -> dict[str, Any]:
    """Count the rows in which the states `daily` and `whole` differ."""
    import duckdb

    found = {}
    with duckdb.connect(config={"memory_limit": memory, "threads": "2"}) as connection:
        connection.execute(f"set temp_directory = '{folder / 'spill'}'")
        for state in ("daily", "whole"):
            connection.execute(f"attach '{folder / state}.warnings.duckdb' as {state} (read_only)")
        for table, query in COMPARED.items():
            daily, whole = query.format(state="daily"), query.format(state="whole")
            found[table] = connection.execute(
                f"select (select count(*) from ({daily})), "
                f"(select count(*) from (({daily}) except all ({whole}))) "
                f"+ (select count(*) from (({whole}) except all ({daily})))"
            ).fetchone()
    return {"rows": {table: rows for table, (rows, _) in found.items()}} | {
        "differing": sum(differing for _, differing in found.values())
    }


def by_polars(folder: Path, name: str, memory: str) -> dict[str, Any]:
    """The signals of the enterprises with events of a day, from all their events.

    Less than the same work: no validation, no consents, no moments at which a record was
    available, no repairs, no warnings, no log, no state.
    """
    import polars

    rules = polars.read_csv("seeds/catalog/warning_rules.csv", infer_schema=False)
    columns = ["enterprise_id", "event_type", "role", "occurred_at", "amount", "ratio"]
    started, cpu = time.monotonic(), time.process_time()
    history = polars.read_parquet(folder / "history" / "*.parquet", columns=columns)
    read, cpu_of_read = time.monotonic(), time.process_time()
    of_day = polars.read_parquet(folder / "day" / "*.parquet", columns=columns)
    capital = polars.read_parquet(
        folder / "enterprises.parquet", columns=["enterprise_id", "registered_capital"]
    )
    touched = of_day.select("enterprise_id").unique()
    known = (
        polars.concat([history.join(touched, on="enterprise_id", how="semi"), of_day])
        .join(capital, on="enterprise_id")
        .with_columns(day=polars.col("occurred_at").dt.date())
    )
    signals = 0
    for rule in rules.filter(polars.col("is_active") == "1").iter_rows(named=True):
        signals += _signals(polars, known, rule)
    return {
        "seconds": time.monotonic() - read,
        "cpu_seconds": time.process_time() - cpu_of_read,
        "seconds_to_read": read - started,
        "cpu_seconds_to_read": cpu_of_read - cpu,
        "signals": signals,
    }


def _signals(polars: Any, known: Any, rule: dict[str, str]) -> int:
    threshold, window = float(rule["threshold"]), int(rule["window_days"])
    column = polars.col
    events = known.filter(column("event_type") == rule["event_type"])
    if rule["role"]:
        events = events.filter(column("role") == rule["role"])
    values = {
        "count": column("event_type").len().alias("value"),
        "consecutive_periods": column("event_type").len().alias("value"),
        "max_ratio": column("ratio").max().alias("value"),
        "max_share_of_capital": (
            column("amount").sum() / column("registered_capital").first()
        ).alias("value"),
    }
    days = events.group_by("enterprise_id", "day").agg(values[rule["measure"]])
    days = days.sort("enterprise_id", "day")
    if rule["measure"] == "count" and threshold > 1:
        days = days.rolling("day", period=f"{window}d", group_by="enterprise_id").agg(
            column("value").sum()
        )
    fired = days.filter(
        column("value") > threshold if rule["operator"] == ">" else column("value") >= threshold
    )
    gap = column("day").diff().over("enterprise_id").dt.total_days()
    return fired.filter(gap.is_null() | (gap > window + int(rule["stands_days"] or 0))).height


STEPS: dict[str, Callable[[Path, str, str], dict[str, Any]]] = {
    "load": load,
    "compare": compare,
    "polars": by_polars,
}


def main() -> None:
    """Run one step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("folder", type=Path, help="folder of synthetic_stream.write")
    parser.add_argument("--state", default="daily")
    parser.add_argument("--memory", default="3GB")
    arguments = parser.parse_args()
    os.environ["CREDIT_INDICES_PSEUDONYM_KEY"] = SECRET
    print(json.dumps(STEPS[arguments.step](arguments.folder, arguments.state, arguments.memory)))


if __name__ == "__main__":
    main()

"""One step of the benchmark of the early warning, in a process of its own.

Prints a JSON object with seconds, CPU seconds and counts.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import duckdb

SECRET = "the public key of a benchmark"
LEVELS = "(values ('yellow', 1), ('orange', 2), ('red', 3)) as levels (level, level_rank)"


def history(folder: Path, state: Path, memory: str) -> dict[str, Any]:
    """Load the whole history into a new state, from Parquet with valid records."""
    from credit_indices.early_warning import engine, state_file
    from credit_indices.pipeline import sql_functions

    with duckdb.connect(
        config={
            "memory_limit": memory,
            "threads": 2,
            "preserve_insertion_order": False,
            "temp_directory": str(folder / "spill"),
        }
    ) as connection:
        sql_functions.register(connection)
        state_file.attach(connection, state)
        connection.execute(
            f"""
            create temp table listed as
            select
                enterprise_id,
                pseudonym(enterprise_id, 'file') as enterprise_key,
                registered_capital,
                null as exposure,
                'user' as data_origin
            from read_parquet('{folder}/enterprises.parquet')
            """
        )
        inputs = engine.Inputs(
            enterprises="select * exclude (enterprise_id) from listed",
            consents=(
                "select enterprise_key, data_class, granted_at, withdrawn_at from listed "
                f"inner join read_parquet('{folder}/enterprise_consents.parquet') "
                "using (enterprise_id)"
            ),
            records=f"""
                select
                    enterprise_key, event_id, event_type, role, result, occurred_at, recorded_at,
                    amount, ratio, coalesce(count, 1) as times, null::varchar as warning,
                    null::varchar as owner, null::timestamp as snoozed_until,
                    null::varchar as reason, event_id as content
                from read_parquet('{folder}/history/*.parquet')
                inner join listed using (enterprise_id)
            """,
            rules=f"""
                select
                    rule_code, event_type, role, measure as metric, window_days,
                    operator as comparison, threshold, level_rank,
                    coalesce(stands_days, 0) as active_days, is_repairable = 1 as is_repairable,
                    false as is_trial
                from read_csv('seeds/catalog/warning_rules.csv', all_varchar = false)
                inner join {LEVELS} using (level)
                where is_active::varchar = '1'
            """,
            levels="""
                select
                    level, rank as level_rank, measure as response, deadline_kind, deadline_amount
                from read_csv('seeds/catalog/warning_levels.csv')
            """,
            deadlines="""
                select
                    level_rank,
                    (date '2019-01-01' + day::integer) as opened_on,
                    (date '2019-01-01' + (day + level_rank + 1)::integer)::timestamp as due_at,
                    true as is_by_calendar
                from range(2000) as days (day)
                cross join (values (1), (2)) as ranks (level_rank)
            """,
            codes="""
                select 'event_type' as kind, event_type as text
                from read_csv('seeds/catalog/warning_event_types.csv')
                union all
                values ('role', 'defendant'), ('role', 'plaintiff'), ('result', 'passed'),
                ('result', 'refused')
            """,
            key_check=connection.execute("select pseudonym('which key is it?', 'file')").fetchone()[
                0
            ],
        )
        started, cpu = time.monotonic(), time.process_time()
        day = engine.load_day(connection, inputs, None, folder=str(folder / "load"))
        return {
            "seconds": time.monotonic() - started,
            "cpu_seconds": time.process_time() - cpu,
            "events": day.added,
            "touched": day.touched,
        }


def one_day(folder: Path, state: Path, memory: str) -> dict[str, Any]:
    """`make day` with the events of the day, without the start of Python."""
    from credit_indices.pipeline import day

    load = folder / "load"
    load.mkdir(exist_ok=True)
    for name in ("enterprises.parquet", "enterprise_consents.parquet"):
        if not (load / name).exists():
            (load / name).symlink_to(folder / name)
    if not (load / "enterprise_events").exists():
        (load / "enterprise_events").symlink_to(folder / "day")
    before = state.stat().st_size
    started, cpu = time.monotonic(), time.process_time()
    day.load_day(
        str(load),
        state.with_name(state.name.replace(".warnings", "")),
        settings={"memory_limit": memory, "threads": "2"},
    )
    return {
        "seconds": time.monotonic() - started,
        "cpu_seconds": time.process_time() - cpu,
        "megabytes_added": (state.stat().st_size - before) / 1e6,
    }


def by_pandas(folder: Path, state: Path, memory: str) -> dict[str, Any]:
    """The signals of the enterprises of a day, from all their events held in memory by pandas.

    A lower bound of the same work: no moments of record, no repairs, no warnings, no log.
    """
    import pandas as pd

    rules = pd.read_csv("seeds/catalog/warning_rules.csv")
    rules = rules[rules.is_active.astype(str) == "1"]
    columns = ["enterprise_id", "event_type", "role", "occurred_at", "amount", "ratio"]
    started, cpu = time.monotonic(), time.process_time()
    of_day = pd.read_parquet(folder / "day", columns=columns)
    known = pd.concat([pd.read_parquet(folder / "history", columns=columns), of_day])
    known = known[known.enterprise_id.isin(of_day.enterprise_id.unique())]
    known["day"] = known.occurred_at.dt.normalize()
    n_signals = 0
    for rule in rules.itertuples():
        events = known[known.event_type == rule.event_type]
        if isinstance(rule.role, str):
            events = events[events.role == rule.role]
        if rule.measure == "max_ratio":
            events = events[events.ratio > rule.threshold]
        daily = events.groupby(["enterprise_id", "day"]).agg(
            n=("event_type", "size"), amount=("amount", "sum")
        )
        if rule.measure == "count" and rule.threshold > 1:
            rolled = (
                daily.reset_index("enterprise_id")
                .groupby("enterprise_id")["n"]
                .rolling(f"{rule.window_days}D")
                .sum()
            )
            daily = rolled[rolled >= rule.threshold].to_frame()
        fired = daily.reset_index().sort_values(["enterprise_id", "day"])
        gap = fired.groupby("enterprise_id").day.diff()
        n_signals += int((gap.isna() | (gap.dt.days > rule.window_days)).sum())
    return {
        "seconds": time.monotonic() - started,
        "cpu_seconds": time.process_time() - cpu,
        "signals": n_signals,
    }


STEPS = {"history": history, "day": one_day, "pandas": by_pandas}


def main() -> None:
    """Run one step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("folder", type=Path, help="folder of synthetic_stream.write")
    parser.add_argument("--memory", default="4GB")
    arguments = parser.parse_args()
    os.environ["CREDIT_INDICES_PSEUDONYM_KEY"] = SECRET
    state = arguments.folder / "credit_indices.warnings.duckdb"
    print(json.dumps(STEPS[arguments.step](arguments.folder, state, arguments.memory)))


if __name__ == "__main__":
    main()

"""What the alerts would be if one rule had another threshold, computed from the kept events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from credit_indices.early_warning import state_file
from credit_indices.early_warning.engine import EVENTS_PER_CHUNK, compute_signals
from credit_indices.early_warning.state_file import CATALOG, StateError, sql

HORIZON_DAYS = 90
"""Days within which the worst level must follow an alert for it to count as followed."""

CHUNK = f"""
create or replace temp table work_touched as
select distinct en
from {CATALOG}.events
where type_code in (select type_code from work_rule) and en % {{chunks}} = {{chunk}};
create or replace temp table work_pairs as
select work_touched.en, work_rules.rule from work_touched cross join work_rules;
create or replace temp table work_events as
select *
from {CATALOG}.events
where
    en in (from work_touched)
    and (
        type_code in (select type_code from work_rule)
        or type_code in (
            select code from work_codes
            where text in ('rectification_completed', 'repair_application', 'repair_decision')
        )
    );
create or replace temp table work_enterprises as
select en, capital from {CATALOG}.enterprises where en in (from work_touched);
"""


@dataclass(frozen=True)
class Scenario:
    """Alerts of the rule's level under one threshold.

    Attributes:
        threshold: The threshold; None for the live rules.
        alerts: Periods of the level.
        enterprises: Enterprises with one.
        gained, lost: Alerts that overlap none of the live rules, and the reverse.
        earlier, later: Alerts that open before or after the first live one that they overlap.
        evaluated: Alerts with a full horizon before the last day.
        share_followed: Share of these that the worst level followed within the horizon; None
            without one.

    """

    threshold: float | None
    alerts: int
    enterprises: int
    gained: int
    lost: int
    earlier: int
    later: int
    evaluated: int
    share_followed: float | None


def what_if(
    state: Path,
    rule_code: str,
    thresholds: Sequence[float],
    settings: dict[str, str] | None = None,
) -> list[Scenario]:
    """Return the alerts under the live rules, and under each threshold of one rule.

    Args:
        state: The file of the state; it is not changed.
        rule_code: A live rule or one on trial.
        thresholds: Thresholds above 0.
        settings: Settings of DuckDB.

    Raises:
        StateError: If there is no such state or rule, or a threshold is not above 0.

    """
    if not state.is_file():
        raise StateError(f"{state} does not exist. Load events first: make day.")
    if wrong := [threshold for threshold in thresholds if not threshold > 0]:
        raise StateError(f"The threshold {wrong[0]:g} is not above 0.")
    with duckdb.connect(config=settings or {}) as connection:
        run = connection.execute
        state_file.attach(connection, state)
        codes = [code for (code,) in run(f"select rule_code from {CATALOG}.rules").fetchall()]
        if rule_code not in codes:
            raise StateError(
                f"{rule_code!r} is no rule of {state}. The rules are {', '.join(sorted(codes))}."
            )
        run(
            f"create temp table work_rule as select *, {HORIZON_DAYS} as horizon_days "
            f"from {CATALOG}.rules where rule_code = ?",
            [rule_code],
        )
        run(f"create temp table work_codes as from {CATALOG}.codes")
        run(
            "create temp table work_rules as select * exclude (horizon_days) replace ("
            "given.number::usmallint as rule, given.threshold as threshold) "
            "from work_rule cross join (select row_number() over () as number, threshold "
            "from unnest(?::double[]) as thresholds (threshold)) as given",
            [sorted(set(thresholds))],
        )
        _compute(connection)
        run(sql("what_if"))
        rows = run("select * exclude (variant) from work_what_if").fetchall()
    return [Scenario(*row) for row in rows]


def _compute(connection: duckdb.DuckDBPyConnection) -> None:
    run = connection.execute
    (events,) = run(
        f"select count(*) from {CATALOG}.events "
        "where type_code in (select type_code from work_rule)"
    ).fetchone()
    (variants,) = run("select count(*) from work_rules").fetchone()
    chunks = max(1, -(-events * variants // EVENTS_PER_CHUNK))
    for chunk in range(chunks):
        run(CHUNK.format(chunks=chunks, chunk=chunk))
        compute_signals(connection)
        run(
            "create temp table if not exists work_all_signals as from work_signals where false; "
            "insert into work_all_signals from work_signals"
        )
    run("create or replace temp table work_signals as from work_all_signals")

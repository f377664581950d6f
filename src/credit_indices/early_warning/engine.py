"""Load the events of a day into the state and recompute what they touch, in one transaction.

The unit of work is a pair of enterprise and rule. An event touches the pairs of its enterprise with
the rules about its type; events of a repair touch all repairable rules. Signals of touched pairs
are computed again from the stored events, in chunks of enterprises, so the result is that of a
computation from all events (`compute_signals`, sql/warnings.sql). What only time changes, such as
the level of an enterprise whose signals expire, follows from queries on a few columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from credit_indices.early_warning import alerts, state_file
from credit_indices.early_warning.state_file import CATALOG, StateError, sql

EVENTS_PER_CHUNK = 2_500_000
"""Events that are computed at once; 2.5 million take about 1.5 GB."""

MAX_INTEGER = 2**31 - 1
"""Larger than the number of any enterprise (`en`)."""

METRICS = ("count", "sum", "max_ratio", "max_share_of_capital", "consecutive_periods")
"""Metrics that the SQL computes: those of the macro warning_metrics."""

TEMPORARY = "work_"
"""Beginning of the names of the temporary tables."""

REGISTER = f"""
create or replace temp table work_register as
select
    enterprise_key,
    registered_capital::double as capital,
    exposure::double as exposure,
    data_origin
from ({{enterprises}});

create or replace temp table work_capital_changed as
select kept.en
from {CATALOG}.enterprises as kept
inner join work_register as given on kept.enterprise_key = given.enterprise_key
where kept.capital is distinct from given.capital;

update {CATALOG}.enterprises as kept
set capital = given.capital, exposure = given.exposure, data_origin = given.data_origin
from work_register as given
where
    kept.enterprise_key = given.enterprise_key
    and (kept.capital, kept.exposure, kept.data_origin)
    is distinct from (given.capital, given.exposure, given.data_origin);

update {CATALOG}.enterprises as kept
set is_listed = not kept.is_listed
where kept.is_listed <> (kept.enterprise_key in (select enterprise_key from work_register));

insert into {CATALOG}.enterprises
select
    (
        row_number() over (order by enterprise_key)
        + (select coalesce(max(en), 0) from {CATALOG}.enterprises)
    )::integer,
    enterprise_key,
    capital,
    exposure,
    data_origin,
    true,
    null
from work_register
where enterprise_key not in (select enterprise_key from {CATALOG}.enterprises);

delete from {CATALOG}.consents;
insert into {CATALOG}.consents
select enterprises.en, given.data_class, given.granted_at, given.withdrawn_at
from ({{consents}}) as given
inner join {CATALOG}.enterprises as enterprises using (enterprise_key);
"""

CODES = f"""
insert into {CATALOG}.codes
select
    kind,
    (
        row_number() over (partition by kind order by text)
        + (
            select coalesce(max(code), 0) from {CATALOG}.codes as known
            where known.kind = given.kind
        )
    )::utinyint,
    text
from ({{codes}}) as given
where (kind, text) not in (select (kind, text) from {CATALOG}.codes);

create or replace temp table work_codes as from {CATALOG}.codes;
"""

RULES = f"""
create or replace temp table work_given_rules as
select
    given.rule_code,
    types.code as type_code,
    roles.code as role_code,
    given.metric,
    given.window_days::integer as window_days,
    given.comparison = '>' as is_strict,
    given.threshold::double as threshold,
    given.level_rank::utinyint as level_rank,
    given.active_days::integer as active_days,
    given.is_repairable,
    given.is_trial
from ({{rules}}) as given
inner join work_codes as types on types.kind = 'event_type' and given.event_type = types.text
left join work_codes as roles on roles.kind = 'role' and given.role = roles.text;

create or replace temp table work_rules as
select
    coalesce(
        known.rule,
        row_number() over (partition by known.rule is null order by rule_code)
        + (select coalesce(max(rule), 0) from {CATALOG}.rules)
    )::usmallint as rule,
    given.*
from work_given_rules as given
left join (select rule, rule_code from {CATALOG}.rules) as known using (rule_code);

create or replace temp table work_changed_rules as
select rule, type_code, role_code
from work_rules
where rule not in (
    select rule from (select * from work_rules intersect select * from {CATALOG}.rules)
);

create or replace temp table work_removed_rules as
select rule from {CATALOG}.rules where rule not in (select rule from work_rules);

delete from {CATALOG}.rules;
insert into {CATALOG}.rules select * from work_rules;
"""

LEVELS = f"""
create or replace temp table work_levels as
select
    level,
    level_rank::utinyint as level_rank,
    response,
    deadline_kind,
    deadline_amount::integer as deadline_amount
from ({{levels}});

create or replace temp table work_deadlines as
select level_rank::utinyint as level_rank, opened_on, due_at, is_by_calendar from ({{deadlines}});

create or replace temp table work_changed_deadlines as
select level_rank, null::date as opened_on
from (from work_levels except from {CATALOG}.levels)
union all
select level_rank, opened_on
from work_deadlines as given
inner join {CATALOG}.deadlines as kept using (level_rank, opened_on)
where (given.due_at, given.is_by_calendar) is distinct from (kept.due_at, kept.is_by_calendar);

delete from {CATALOG}.levels;
insert into {CATALOG}.levels from work_levels;
delete from {CATALOG}.deadlines;
insert into {CATALOG}.deadlines from work_deadlines;
"""

RECORDS = f"""
create or replace temp table work_records as
select
    enterprises.en,
    types.code as type_code,
    roles.code as role_code,
    results.code as result_code,
    records.occurred_at as occurred,
    records.recorded_at as recorded,
    records.amount::decimal(18, 2) as amount,
    records.ratio::double as ratio,
    records.times::integer as times,
    records.warning,
    records.owner,
    records.snoozed_until,
    records.reason,
    md5_number_lower(records.event_id) as event_hash,
    records.event_id,
    records.content
from ({{records}}) as records
inner join {CATALOG}.enterprises as enterprises using (enterprise_key)
inner join work_codes as types on types.kind = 'event_type' and records.event_type = types.text
left join work_codes as roles on roles.kind = 'role' and records.role = roles.text
left join work_codes as results on results.kind = 'result' and records.result = results.text;
"""

ADD = f"""
delete from {CATALOG}.events where event_hash in (select event_hash from work_displaced);
delete from {CATALOG}.event_texts where event_hash in (select event_hash from work_displaced);
delete from {CATALOG}.handling where event_hash in (select event_hash from work_displaced);
-- In the order of the enterprises, so that a chunk reads few row groups of a full load.
insert into {CATALOG}.events by name
select * exclude (event_id, content, owner, snoozed_until, reason) from work_added order by en;
insert into {CATALOG}.handling
select event_hash, owner, snoozed_until, reason
from work_added
where owner is not null or snoozed_until is not null;
insert into {CATALOG}.event_texts select event_hash, event_id, content from work_added;
insert into {CATALOG}.other_records by name
select * exclude (has_counted, counts, is_collision) from work_versions where not counts;
"""

TOUCHED = f"""
create or replace temp table work_pairs_all as
with changed as (
    select en, type_code, role_code from work_added
    union all
    select en, type_code, role_code from work_displaced
),
pairs as (
    select changed.en, rules.rule
    from changed
    inner join work_rules as rules
        on
            changed.type_code = rules.type_code
            and (rules.role_code is null or changed.role_code = rules.role_code)
    union all
    select changed.en, rules.rule
    from changed
    inner join work_codes as types on changed.type_code = types.code and types.kind = 'event_type'
    cross join work_rules as rules
    where
        types.text in ('rectification_completed', 'repair_application', 'repair_decision')
        and rules.is_repairable
    union all
    select distinct events.en, changed_rules.rule
    from work_changed_rules as changed_rules
    inner join {CATALOG}.events as events
        on
            changed_rules.type_code = events.type_code
            and (changed_rules.role_code is null or changed_rules.role_code = events.role_code)
    union all
    select work_capital_changed.en, rules.rule
    from work_capital_changed
    cross join work_rules as rules
    where rules.metric = 'max_share_of_capital'
)
select distinct en, rule from pairs;

create or replace temp table work_touched_all as
select distinct en from (
    select en from work_pairs_all
    union all
    select en from work_added
    union all
    select en from work_displaced
    union all
    select en from {CATALOG}.signals where rule in (select rule from work_removed_rules)
    union all
    select warnings.en
    from {CATALOG}.warnings as warnings
    inner join work_changed_deadlines as changed
        on
            warnings.level_rank = changed.level_rank
            and (changed.opened_on is null or warnings.opened_at::date = changed.opened_on)
);

delete from {CATALOG}.signals
where (en, rule) in (select (en, rule) from work_pairs_all)
    or rule in (select rule from work_removed_rules);
delete from {CATALOG}.repairs where en in (from work_touched_all);
delete from {CATALOG}.periods where en in (from work_touched_all);
delete from {CATALOG}.warnings where en in (from work_touched_all);
"""

RESPONSES = f"""
-- Responses, with the level or the alert that they name.
create or replace temp table work_all_responses as
select
    events.en,
    events.occurred,
    coalesce(levels.level_rank, alerts.level_rank) as level_rank,
    alerts.opened_at
from {CATALOG}.events as events
left join work_levels as levels on events.warning = levels.level
left join {CATALOG}.alert_log as alerts
    on
        alerts.entry = 'opened'
        and events.en = alerts.en
        and try_cast(events.warning as bigint) = alerts.alert
where
    events.type_code = (
        select code from work_codes where kind = 'event_type' and text = 'response_taken'
    )
    and events.en in (from work_touched_all)
    and (events.warning is null or levels.level is not null or alerts.alert is not null);
"""

CHUNKS = f"""
select min(en) as first_en
from (
    select en, sum(count(*)) over (order by en) // {{events}} as chunk
    from {CATALOG}.events
    where en in (from work_touched_all)
    group by en
)
group by chunk
order by first_en
"""
"""First enterprise of each chunk."""

CHUNK = f"""
create or replace temp table work_touched as
from work_touched_all where en >= {{first}} and en < {{end}};
create or replace temp table work_pairs as
from work_pairs_all where en >= {{first}} and en < {{end}};
create or replace temp table work_events as
select events.*
from {CATALOG}.events as events
where
    events.en >= {{first}}
    and events.en < {{end}}
    and events.en in (from work_touched)
    and (
        (events.en, events.type_code) in (
            select (pairs.en, rules.type_code)
            from work_pairs as pairs
            inner join work_rules as rules using (rule)
        )
        or events.type_code in (
            select code from work_codes
            where
                kind = 'event_type'
                and text in (
                    'rectification_completed', 'repair_application', 'repair_decision'
                )
        )
    );
create or replace temp table work_enterprises as
select en, capital from {CATALOG}.enterprises where en in (from work_touched);
"""

SIGNALS = f"""
insert into {CATALOG}.repairs from work_repairs;
insert into {CATALOG}.signals from work_signals;

create or replace temp table work_active as
select
    signals.en,
    rules.level_rank,
    signals.rule,
    rules.rule_code,
    signals.signal_number,
    signals.triggered_at,
    signals.expires_at
from {CATALOG}.signals as signals
inner join work_rules as rules using (rule)
where
    signals.en in (from work_touched)
    and signals.triggered_at < signals.expires_at
    and not rules.is_trial;

create or replace temp table work_responses as
from work_all_responses where en in (from work_touched);
"""

WRITE = f"""
insert into {CATALOG}.periods from work_active_periods;
insert into {CATALOG}.warnings from work_warnings;
"""


LOG = ("alert_log", "codes", "enterprises", "erasures", "level_history", "loads", "open_alerts")
"""Tables that a load keeps if it starts anew from all events."""


@dataclass(frozen=True)
class Inputs:
    """Queries on the validated input.

    Attributes:
        enterprises: enterprise_key, registered_capital and exposure (yuan), data_origin.
        consents: enterprise_key, data_class, granted_at, withdrawn_at.
        records: Usable records of events: enterprise_key, event_id, event_type, role, result,
            occurred_at, recorded_at, amount (yuan), ratio, times, warning, owner, snoozed_until,
            reason, content.
        rules: rule_code, event_type, role, metric, window_days, comparison, threshold, level_rank,
            active_days, is_repairable, is_trial.
        levels: level, level_rank, response, deadline_kind, deadline_amount.
        deadlines: level_rank, opened_on, due_at, is_by_calendar: end of the last working day.
        codes: kind, text: all event types, roles and results.
        key_check: A hash of a fixed text under the secret of the enterprise keys.

    """

    enterprises: str
    consents: str
    records: str
    rules: str
    levels: str
    deadlines: str
    codes: str
    key_check: str


@dataclass(frozen=True)
class Day:
    """What a load did.

    Attributes:
        as_of: The as-of date of the results.
        records: Records read.
        added: Events added, or changed by an earlier record.
        touched: Enterprises whose signals were computed again.
        alerts: New alerts.

    """

    as_of: date
    records: int
    added: int
    touched: int
    alerts: int


def load_day(
    connection: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    as_of: date | None,
    *,
    folder: str | None,
    is_full_refresh: bool = False,
    register: str | None = None,
    is_partial: bool = False,
    is_logged: bool = True,
) -> Day:
    """Load records into the attached state in one transaction.

    Args:
        connection: A connection on which the state is attached and the queries can be run.
        inputs: Queries on the validated input.
        as_of: The day at whose end the results are valid; None for the last day on which an event
            was recorded.
        folder: The folder of the input tables, absolute; None for the shipped data.
        is_full_refresh: Whether the kept events, and what was computed from them, are deleted
            first. The alert log and the history of levels stay, unless they are of another folder
            or secret. The shipped data are complete: they replace those of the last load.
        register: Fingerprint of the register (`register.fingerprint`).
        is_partial: Whether the register has not changed since the last load, and the queries have
            only the enterprises and consents of the records.
        is_logged: Whether alerts and levels of the day are logged.

    Raises:
        StateError: If the state belongs to another folder or another secret, a metric is unknown,
            or two ids have the same hash. The state is then unchanged.

    """
    run = connection.execute
    run("begin")
    try:
        _prepare(connection, inputs.key_check, folder, is_full_refresh=is_full_refresh)
        run(LEVELS.format(levels=inputs.levels, deadlines=inputs.deadlines))
        if is_partial:
            run("create or replace temp table work_capital_changed (en integer)")
        else:
            run(REGISTER.format(enterprises=inputs.enterprises, consents=inputs.consents))
            run(f"update {CATALOG}.layout set register = ?", [register])
        run(CODES.format(codes=inputs.codes))
        run(RULES.format(rules=inputs.rules))
        _refuse_unknown_metrics(connection)
        run(RECORDS.format(records=inputs.records))
        records = _value(connection, "select count(*) from work_records")
        run(sql("arrivals"))
        _refuse_collisions(connection)
        run(ADD)
        run(TOUCHED)
        run(RESPONSES)
        _compute(connection)
        counts = [
            records,
            *(
                _value(connection, f"select count(*) from {table}")
                for table in ("work_added", "work_touched_all")
            ),
        ]
        day = _as_of(connection, as_of)
        if is_logged:
            _refuse_days_to_come(day)
        is_new = alerts.is_later(connection, day) or any(counts[1:])
        new_alerts = alerts.advance(connection, day) if is_logged else 0
        if is_logged and (is_new or new_alerts):
            run(
                f"insert into {CATALOG}.loads select "
                f"coalesce(max(load_number), 0) + 1, ?, ?, ?, ?, ? from {CATALOG}.loads",
                [day, *counts, new_alerts],
            )
        run("commit")
    except BaseException:
        run("rollback")
        raise
    finally:
        _drop_temporary(connection)
    return Day(day, *counts, new_alerts)


def _prepare(
    connection: duckdb.DuckDBPyConnection,
    key_check: str,
    folder: str | None,
    *,
    is_full_refresh: bool,
) -> None:
    """Empty a state that starts anew; refuse one of another folder or secret."""
    kept_folder, kept_check = connection.execute(
        f"select folder, key_check from {CATALOG}.layout"
    ).fetchone()
    n_events = _value(connection, f"select count(*) from {CATALOG}.events")
    is_users = n_events > 0 and kept_folder is not None
    if is_users and not is_full_refresh:
        if not state_file.is_same_folder(kept_folder, folder):
            raise StateError(
                f"The state of the early warning keeps {n_events} event(s) of "
                f"{folder_name(kept_folder)}, and this run loads {folder_name(folder)}. Load that "
                "folder, use another warehouse (CREDIT_INDICES_DB), or delete the kept events and "
                "the alert log (FULL_REFRESH=1)."
            )
        if kept_check != key_check:
            raise StateError(
                "The kept events are stored under another CREDIT_INDICES_PSEUDONYM_KEY (or under "
                "none, for the synthetic enterprises). Set that key again, or load a folder that "
                "holds all events with FULL_REFRESH=1."
            )
    connection.execute("create or replace temp table work_refreshed (en integer)")
    if is_full_refresh or folder is None or kept_folder is None:
        is_same = (
            folder is not None
            and kept_check == key_check
            and state_file.is_same_folder(kept_folder, folder)
        )
        if is_same:
            connection.execute(
                f"insert into work_refreshed select en from {CATALOG}.level_history "
                f"where valid_to is null union select en from {CATALOG}.open_alerts"
            )
        for table in state_file.tables(connection):
            if table != "layout" and not (is_same and table in LOG):
                connection.execute(f"delete from {CATALOG}.{table}")
    connection.execute(
        f"update {CATALOG}.layout set folder = ?, key_check = ?", [folder, key_check]
    )


def folder_name(folder: str | None) -> str:
    """Name a source of data in a message."""
    return f"the folder {folder}" if folder else "the shipped data"


def _refuse_days_to_come(day: date) -> None:
    today = date.today()
    if day > today + timedelta(days=1):  # somewhere it is tomorrow already
        raise StateError(
            f"The as-of date {day} is after today, {today}. The alert log goes forward only, so no "
            "alerts would be sent until then."
        )


def _refuse_unknown_metrics(connection: duckdb.DuckDBPyConnection) -> None:
    for code, metric in connection.execute("select rule_code, metric from work_rules").fetchall():
        if metric not in METRICS:
            raise StateError(
                f"The rule {code} has the metric {metric!r}, which the engine does not compute. It "
                f"computes {', '.join(METRICS)}."
            )


def _refuse_collisions(connection: duckdb.DuckDBPyConnection) -> None:
    if _value(connection, "select count(*) from work_versions where is_collision"):
        raise StateError(
            "Two different event ids have the same 64-bit hash, so the state cannot tell them "
            "apart. Change one of them: "
            "select event_id from enterprise_events group by all, md5_number_lower(event_id)."
        )


def _compute(connection: duckdb.DuckDBPyConnection) -> None:
    run = connection.execute
    firsts = [
        0,
        *(first for (first,) in run(CHUNKS.format(events=EVENTS_PER_CHUNK)).fetchall()[1:]),
    ]
    for first, end in zip(firsts, [*firsts[1:], MAX_INTEGER], strict=True):
        run(CHUNK.format(first=first, end=end))
        compute_signals(connection)
        run(SIGNALS)
        run(sql("warnings"))
        run(WRITE)


def compute_signals(connection: duckdb.DuckDBPyConnection) -> None:
    """Compute work_signals of the pairs in work_pairs from work_events (sql/signals.sql)."""
    for step in ("repairs", "evidence", "values", "known", "signals"):
        connection.execute(sql(step))


def _as_of(connection: duckdb.DuckDBPyConnection, asked: date | None) -> date:
    if asked is not None:
        return asked
    unlisted = f"select en from {CATALOG}.enterprises where not is_listed"
    of_listed = f"where en not in ({unlisted})" if connection.execute(unlisted).fetchone() else ""
    last = _value(connection, f"select max(recorded)::date from {CATALOG}.events {of_listed}")
    return last or date.today()


def _value(connection: duckdb.DuckDBPyConnection, query: str):
    return connection.execute(query).fetchone()[0]


def _drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    for (name,) in connection.execute(
        "select table_name from duckdb_tables() "
        f"where temporary and starts_with(table_name, '{TEMPORARY}')"
    ).fetchall():
        connection.execute(f"drop table temp.{name}")

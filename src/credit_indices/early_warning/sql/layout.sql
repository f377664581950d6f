-- The tables of the state. Enterprises, rules, event types, roles and results are stored as small
-- integers; `codes` and the tables enterprises and rules have their texts. Days are whole numbers
-- since 1970-01-01. The state holds no id and no name of an enterprise, only its key.

create table layout (
    version integer not null,
    folder varchar,
    key_check varchar,
    register varchar
);

create table codes (kind varchar not null, code utinyint not null, text varchar not null);

create table enterprises (
    en integer not null,
    enterprise_key varchar not null,
    capital double,
    exposure double,
    data_origin varchar not null,
    is_listed boolean not null,
    erased_on date
);

create table consents (
    en integer not null,
    data_class varchar not null,
    granted_at timestamp not null,
    withdrawn_at timestamp
);

create table levels (
    level varchar not null,
    level_rank utinyint not null,
    response varchar,
    deadline_kind varchar not null,
    deadline_amount integer not null
);

-- The end of the last working day for a response, by level and day of opening.
create table deadlines (
    level_rank utinyint not null,
    opened_on date not null,
    due_at timestamp not null,
    is_by_calendar boolean not null
);

create table rules (
    rule usmallint not null,
    rule_code varchar not null,
    type_code utinyint not null,
    role_code utinyint,
    metric varchar not null,
    window_days integer not null,
    is_strict boolean not null,
    threshold double not null,
    level_rank utinyint not null,
    active_days integer not null,
    is_repairable boolean not null,
    is_trial boolean not null
);

-- The record that counts of each event: the one that was recorded first under its id.
create table events (
    en integer not null,
    type_code utinyint not null,
    role_code utinyint,
    result_code utinyint,
    occurred timestamp not null,
    recorded timestamp not null,
    amount decimal(18, 2),
    ratio double,
    times integer not null,
    warning varchar,
    event_hash ubigint not null
);

create table event_texts (
    event_hash ubigint not null,
    event_id varchar not null,
    content ubigint not null
);

-- What acknowledgements and snoozes say.
create table handling (
    event_hash ubigint not null,
    owner varchar,
    snoozed_until timestamp,
    reason varchar
);

-- Records with another content under the id of an event, which were recorded later.
create table other_records (
    en integer not null,
    type_code utinyint not null,
    role_code utinyint,
    result_code utinyint,
    occurred timestamp not null,
    recorded timestamp not null,
    amount decimal(18, 2),
    ratio double,
    times integer not null,
    warning varchar,
    owner varchar,
    snoozed_until timestamp,
    reason varchar,
    event_hash ubigint not null,
    event_id varchar not null,
    content ubigint not null
);

create table repairs (
    en integer not null,
    rectified_at timestamp not null,
    applied_at timestamp,
    is_in_time boolean,
    decided_at timestamp,
    decision_recorded_at timestamp,
    result_code utinyint,
    has_repaired boolean not null
);

create table signals (
    en integer not null,
    rule usmallint not null,
    signal_number integer not null,
    fired_day integer not null,
    triggered_at timestamp not null,
    expires_at timestamp not null,
    value_when_triggered double not null,
    largest_value double not null,
    last_occurred_day integer not null,
    n_evidence integer not null,
    evidence ubigint[] not null
);

create table periods (
    en integer not null,
    level_rank utinyint not null,
    period_number integer not null,
    opened_at timestamp not null,
    expires_at timestamp not null
);

create table warnings (
    en integer not null,
    level_rank utinyint not null,
    opened_at timestamp not null,
    expires_at timestamp not null,
    episode integer not null,
    due_at timestamp not null,
    is_due_by_calendar boolean,
    escalated_at timestamp,
    responded_at timestamp,
    rules usmallint[] not null,
    first_rule usmallint not null,
    first_signal integer not null
);

-- Levels above none, by the as-of dates at which they changed.
create table level_history (
    en integer not null,
    level_rank utinyint not null,
    signals integer not null,
    score integer not null,
    rule_codes varchar not null,
    valid_from date not null,
    valid_to date
);

-- Append only: what was alerted, answered and missed, whatever is learned later.
create table alert_log (
    alert bigint not null,
    entry varchar not null,
    as_of date not null,
    en integer not null,
    level_rank utinyint not null,
    opened_at timestamp not null,
    due_at timestamp not null,
    happened_at timestamp not null,
    rule_codes varchar,
    evidence ubigint[]
);

-- Alerts that are not closed, or not due yet.
create table open_alerts (
    alert bigint not null,
    en integer not null,
    level_rank utinyint not null,
    opened_at timestamp not null,
    due_at timestamp not null,
    answered_at timestamp,
    is_overdue boolean not null,
    is_closed boolean not null
);

-- Erased entries of the alert log, without the enterprise, and the last number of an alert by then,
-- so that no number is given twice.
create table erasures (erased_on date not null, entries bigint not null, last_alert bigint);

create table loads (
    load_number integer not null,
    as_of date not null,
    records bigint not null,
    added bigint not null,
    touched bigint not null,
    alerts bigint not null
);

-- Views for people, by the key of the enterprise.

create view alert_entries as
select
    log.alert,
    log.entry,
    log.as_of,
    enterprises.enterprise_key,
    coalesce(levels.level, 'rank ' || log.level_rank) as level,
    log.opened_at,
    log.due_at,
    log.happened_at,
    log.rule_codes,
    (
        select string_agg(texts.event_id, ', ' order by cited.place)
        from (
            select
                unnest(log.evidence) as event_hash,
                generate_subscripts(log.evidence, 1) as place
        ) as cited
        inner join main.event_texts as texts using (event_hash)
    ) as event_ids,
    enterprises.data_origin
from main.alert_log as log
inner join main.enterprises as enterprises using (en)
left join main.levels as levels using (level_rank);

create view alert_queue as
with handled as (
    select
        open_alerts.alert,
        arg_max(
            {'owner': handling.owner, 'at': events.occurred}, events.occurred
        ) filter (handling.owner is not null) as acknowledged,
        arg_max(
            {'until': handling.snoozed_until, 'reason': handling.reason}, events.occurred
        ) filter (handling.snoozed_until is not null) as snoozed
    from main.open_alerts as open_alerts
    inner join main.levels as levels using (level_rank)
    inner join main.events as events
        on
            open_alerts.en = events.en
            and events.occurred >= open_alerts.opened_at
            and (
                events.warning is null
                or events.warning = levels.level
                or try_cast(events.warning as bigint) = open_alerts.alert
            )
    inner join main.handling as handling using (event_hash)
    group by open_alerts.alert
)
select
    row_number() over (
        order by enterprises.exposure desc nulls last, open_alerts.level_rank desc, open_alerts.alert
    ) as place,
    open_alerts.alert,
    enterprises.enterprise_key,
    levels.level,
    levels.response,
    open_alerts.opened_at,
    open_alerts.due_at,
    open_alerts.answered_at,
    open_alerts.is_overdue,
    handled.acknowledged.owner as owner,
    handled.acknowledged.at as acknowledged_at,
    handled.snoozed.until as snoozed_until,
    handled.snoozed.reason as snooze_reason,
    enterprises.exposure,
    enterprises.data_origin
from main.open_alerts as open_alerts
inner join main.enterprises as enterprises using (en)
inner join main.levels as levels using (level_rank)
left join handled using (alert)
where enterprises.is_listed and not open_alerts.is_closed;

create view alerts_today as
with today as (
    select * from main.alert_log
    where entry = 'opened' and as_of = (select max(as_of) from main.loads)
),
cited as (
    select
        alert,
        unnest(evidence) as event_hash,
        generate_subscripts(evidence, 1) as place
    from today
),
events_of_alerts as (
    select cited.alert, string_agg(texts.event_id, ', ' order by cited.place) as event_ids
    from cited
    inner join (
        from main.event_texts where event_hash in (select event_hash from cited)
    ) as texts using (event_hash)
    group by cited.alert
)
select
    today.alert,
    today.as_of,
    enterprises.enterprise_key,
    coalesce(levels.level, 'rank ' || today.level_rank) as level,
    levels.response,
    today.opened_at,
    today.due_at,
    today.rule_codes,
    events_of_alerts.event_ids,
    enterprises.exposure,
    enterprises.data_origin
from today
inner join main.enterprises as enterprises using (en)
left join main.levels as levels using (level_rank)
left join events_of_alerts using (alert);

create view levels_over_time as
select
    enterprises.enterprise_key,
    levels.level,
    history.rule_codes,
    history.signals,
    history.score,
    history.valid_from,
    history.valid_to,
    enterprises.data_origin
from main.level_history as history
inner join main.enterprises as enterprises using (en)
inner join main.levels as levels using (level_rank);

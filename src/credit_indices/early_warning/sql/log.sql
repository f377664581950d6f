-- The alert log and the history of levels, at the end of the day in work_day. previous_end is the
-- end of the day before it in the log, NULL for the first one.

create or replace temp table work_rule_names as
select map(list(rule), list(rule_code)) as names from work_rules;

-- Enterprises with something to log: new records, a full refresh, or a moment that has passed since.
create or replace temp table work_moved as
from work_touched_all
union
from work_refreshed
union
select signals.en
from early_warning.signals as signals
cross join work_day
where signals.expires_at >= work_day.previous_end and signals.expires_at < work_day.ends_at
union
select open_alerts.en
from early_warning.open_alerts as open_alerts
cross join work_day
where
    open_alerts.due_at >= work_day.previous_end
    and open_alerts.due_at < work_day.ends_at;

-- Warnings that no earlier alert of their level announced.
create or replace temp table work_unannounced as
with opened as (
    select en, level_rank, opened_at
    from early_warning.alert_log
    where
        entry = 'opened'
        and en in (from work_touched_all)
        and alert not in (
            select alert from early_warning.alert_log
            where entry = 'withdrawn' and en in (from work_touched_all)
        )
),
granted_again as (
    select erased.en
    from early_warning.enterprises as erased
    inner join early_warning.consents as consents using (en)
    where erased.erased_on is not null and consents.granted_at > erased.erased_on
)
select warnings.*
from early_warning.warnings as warnings
inner join early_warning.enterprises as enterprises using (en)
cross join work_day
where
    warnings.en in (from work_touched_all)
    and enterprises.is_listed
    and (enterprises.erased_on is null or enterprises.en in (from granted_again))
    and warnings.opened_at < work_day.ends_at
    and (
        warnings.expires_at >= work_day.ends_at
        or warnings.opened_at >= work_day.previous_end
    )
    and not exists (
        select 1 from opened
        where
            opened.en = warnings.en
            and opened.level_rank = warnings.level_rank
            and opened.opened_at >= warnings.opened_at
            and opened.opened_at <= warnings.expires_at
    );

create or replace temp table work_new_alerts as
select
    row_number() over (order by unannounced.opened_at, unannounced.en, unannounced.level_rank)
    + (
        select coalesce(max(alert), 0) from (
            select alert from early_warning.alert_log
            union all
            select last_alert from early_warning.erasures
        ) as given (alert)
    ) as alert,
    unannounced.en,
    unannounced.level_rank,
    unannounced.opened_at,
    unannounced.due_at,
    array_to_string(
        list_sort(list_transform(unannounced.rules, lambda rule : rule_names.names[rule])), ', '
    ) as rule_codes,
    signals.evidence
from work_unannounced as unannounced
cross join work_rule_names as rule_names
inner join (
    from early_warning.signals where en in (select en from work_unannounced)
) as signals
    on
        unannounced.en = signals.en
        and unannounced.first_rule = signals.rule
        and unannounced.first_signal = signals.signal_number;

insert into early_warning.alert_log
select
    alert, 'opened', work_day.as_of, en, level_rank, opened_at, due_at, opened_at, rule_codes,
    evidence
from work_new_alerts
cross join work_day
order by alert;

insert into early_warning.open_alerts
select alert, en, level_rank, opened_at, due_at, null, false, false from work_new_alerts;

insert into work_moved select en from work_new_alerts;

-- The alerts of the moved enterprises that were not withdrawn.
create or replace temp table work_logged as
select
    alert,
    en,
    level_rank,
    any_value(opened_at) as opened_at,
    any_value(due_at) as due_at,
    max(happened_at) filter (entry = 'answered') as answered_at,
    bool_or(entry = 'overdue') as is_overdue,
    bool_or(entry = 'closed') as is_closed
from early_warning.alert_log
where en in (from work_moved)
group by alert, en, level_rank
having not bool_or(entry = 'withdrawn');

-- The warnings that they announced as known now, and the first response.
create or replace temp table work_followed as
with followed as (
    select
        logged.*,
        warnings.opened_at as warning_opened_at,
        warnings.expires_at
    from work_logged as logged
    inner join (from early_warning.warnings where en in (from work_moved)) as warnings
        on
            logged.en = warnings.en
            and logged.level_rank = warnings.level_rank
            and logged.opened_at >= warnings.opened_at
            and logged.opened_at <= warnings.expires_at
),
answered as (
    select
        followed.alert,
        min(responses.occurred) as response_at
    from followed
    inner join work_all_responses as responses
        on
            followed.en = responses.en
            and responses.occurred >= followed.opened_at
            and (responses.occurred < followed.expires_at or responses.occurred <= followed.due_at)
            and (responses.level_rank is null or responses.level_rank = followed.level_rank)
            and (
                responses.opened_at is null
                or responses.opened_at between followed.warning_opened_at and followed.expires_at
            )
    group by followed.alert
)
select
    followed.* exclude (warning_opened_at),
    answered.response_at
from followed
left join answered using (alert);

create or replace temp table work_entries as
select alert, 'answered' as entry, response_at as happened_at
from work_followed
where answered_at is null and response_at is not null
union all
select alert, 'overdue', due_at
from work_followed
cross join work_day
where
    not is_overdue
    and due_at < work_day.ends_at
    and coalesce(answered_at, response_at, due_at + interval 1 second) > due_at
union all
select alert, 'closed', expires_at
from work_followed
cross join work_day
where not is_closed and expires_at < work_day.ends_at
union all
-- Later records removed the warning.
select alert, 'withdrawn', ends_at
from work_logged
cross join work_day
where not is_closed and alert not in (select alert from work_followed);

insert into early_warning.alert_log
select
    entries.alert,
    entries.entry,
    work_day.as_of,
    followed.en,
    followed.level_rank,
    followed.opened_at,
    followed.due_at,
    entries.happened_at,
    null,
    null
from work_entries as entries
inner join work_logged as followed using (alert)
cross join work_day
order by entries.alert, entries.happened_at, entries.entry;

update early_warning.open_alerts as open_alerts
set answered_at = entries.happened_at
from work_entries as entries
where open_alerts.alert = entries.alert and entries.entry = 'answered';
update early_warning.open_alerts
set is_overdue = true
where alert in (select alert from work_entries where entry = 'overdue');
update early_warning.open_alerts
set is_closed = true
where alert in (select alert from work_entries where entry = 'closed');
delete from early_warning.open_alerts
where
    (is_closed and due_at < (select ends_at from work_day))
    or alert in (select alert from work_entries where entry = 'withdrawn');

-- The level of the moved enterprises at the end of the day.
create or replace temp table work_levels_now as
select
    signals.en,
    max(rules.level_rank) as level_rank,
    count(*)::integer as signals,
    sum(rules.level_rank)::integer as score,
    string_agg(rules.rule_code, ', ' order by rules.rule_code) as rule_codes
from early_warning.signals as signals
inner join work_rules as rules using (rule)
inner join early_warning.enterprises as enterprises using (en)
cross join work_day
where
    signals.en in (from work_moved)
    and not rules.is_trial
    and enterprises.is_listed
    and signals.triggered_at < signals.expires_at
    and signals.triggered_at < work_day.ends_at
    and signals.expires_at >= work_day.ends_at
group by signals.en;

-- A second load of a day replaces what the first one noted for that day.
delete from early_warning.level_history
where en in (from work_moved) and valid_from = (select as_of from work_day);
update early_warning.level_history
set valid_to = null
where en in (from work_moved) and valid_to = (select as_of from work_day);
update early_warning.level_history as history
set valid_to = (select as_of from work_day)
where
    history.en in (from work_moved)
    and history.valid_to is null
    and not exists (
        select 1 from work_levels_now as now
        where
            now.en = history.en
            and now.level_rank = history.level_rank
            and now.rule_codes = history.rule_codes
    );
insert into early_warning.level_history
select now.*, work_day.as_of, null
from work_levels_now as now
cross join work_day
where not exists (
    select 1 from early_warning.level_history as history
    where history.en = now.en and history.valid_to is null
);

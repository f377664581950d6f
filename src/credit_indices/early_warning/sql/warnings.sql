-- Active periods and warnings of the enterprises in work_touched, from work_active, their signals
-- that were ever active, without those of trial rules.

-- Periods during which a signal was active, by level, and over all levels (rank 0): the episodes.
create or replace temp table work_active_periods as
with signals as (
    select en, level_rank, triggered_at, expires_at, rule, signal_number from work_active
    union all
    select en, 0, triggered_at, expires_at, rule, signal_number from work_active
),
begun as (
    select
        *,
        coalesce(triggered_at > max(expires_at) over before, true) as is_begin
    from signals
    window before as (
        partition by en, level_rank
        order by triggered_at, expires_at, rule, signal_number
        rows between unbounded preceding and 1 preceding
    )
),
numbered as (
    select
        *,
        sum(is_begin::integer) over (
            partition by en, level_rank
            order by triggered_at, expires_at, rule, signal_number
            rows unbounded preceding
        )::integer as period_number
    from begun
)
select
    en,
    level_rank::utinyint as level_rank,
    period_number,
    min(triggered_at) as opened_at,
    max(expires_at) as expires_at
from numbered
group by en, level_rank, period_number;

create or replace temp table work_warnings as
with warnings as (
    select
        periods.en,
        periods.level_rank,
        periods.opened_at,
        periods.expires_at,
        any_value(episodes.period_number) as episode,
        min(higher.opened_at) as escalated_at
    from work_active_periods as periods
    inner join work_active_periods as episodes
        on
            periods.en = episodes.en
            and episodes.level_rank = 0
            and periods.opened_at between episodes.opened_at and episodes.expires_at
    left join work_active_periods as higher
        on
            periods.en = higher.en
            and higher.level_rank > periods.level_rank
            and higher.opened_at > periods.opened_at
            and higher.opened_at <= periods.expires_at
    where periods.level_rank > 0
    group by periods.en, periods.level_rank, periods.opened_at, periods.expires_at
),
due as (
    select
        warnings.*,
        case levels.deadline_kind
            when 'hours' then opened_at + to_hours(levels.deadline_amount)
            when 'working_days' then calendar.due_at
        end as due_at,
        case levels.deadline_kind when 'working_days' then calendar.is_by_calendar end
            as is_due_by_calendar
    from warnings
    inner join work_levels as levels on warnings.level_rank = levels.level_rank
    left join work_deadlines as calendar
        on
            warnings.level_rank = calendar.level_rank
            and warnings.opened_at::date = calendar.opened_on
),
named as (
    select
        due.en,
        due.level_rank,
        due.opened_at,
        list(distinct active.rule order by active.rule) as rules,
        min({
            'triggered_at': active.triggered_at,
            'rule_code': active.rule_code,
            'rule': active.rule,
            'signal_number': active.signal_number
        }) as first
    from due
    inner join work_active as active
        on
            due.en = active.en
            and due.level_rank = active.level_rank
            and active.triggered_at between due.opened_at and due.expires_at
    group by due.en, due.level_rank, due.opened_at
),
-- A response may name a level, or an alert of the warning. One in time counts even if the warning
-- has expired meanwhile.
responded as (
    select
        due.en,
        due.level_rank,
        due.opened_at,
        min(responses.occurred) as responded_at
    from due
    inner join work_responses as responses
        on
            due.en = responses.en
            and responses.occurred >= due.opened_at
            and (responses.occurred < due.expires_at or responses.occurred <= due.due_at)
            and (responses.level_rank is null or responses.level_rank = due.level_rank)
            and (
                responses.opened_at is null
                or responses.opened_at between due.opened_at and due.expires_at
            )
    group by due.en, due.level_rank, due.opened_at
)
select
    due.en,
    due.level_rank,
    due.opened_at,
    due.expires_at,
    due.episode,
    due.due_at,
    due.is_due_by_calendar,
    due.escalated_at,
    responded.responded_at,
    named.rules,
    named.first.rule as first_rule,
    named.first.signal_number as first_signal
from due
inner join named using (en, level_rank, opened_at)
left join responded using (en, level_rank, opened_at);

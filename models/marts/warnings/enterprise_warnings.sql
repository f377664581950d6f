with

as_of as (

    select
        cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_end
    from {{ ref('int_warnings__as_of') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

),

levels as (

    select * from {{ ref('int_warnings__levels') }}

),

working_days as (

    select * from {{ ref('int_warnings__working_days') }}

),

active_periods as (

    select
        *,
        {{ day_number('opened_at') }} as opened_day
    from {{ ref('int_warnings__active_periods') }}

),

responses as (

    select
        events.enterprise_key,
        events.occurred_at
    from {{ ref('int_warnings__events') }} as events
    cross join as_of
    where
        events.is_counted
        and events.event_type = 'response_taken'
        and events.recorded_at < as_of.as_of_end

),

warnings as (

    select
        warnings.enterprise_key,
        episodes.period_number as episode,
        warnings.level_rank,
        warnings.opened_at,
        warnings.opened_day,
        warnings.expires_at,
        min(higher.opened_at) as escalated_at
    from active_periods as warnings
    inner join active_periods as episodes
        on
            warnings.enterprise_key = episodes.enterprise_key
            and episodes.level_rank = 0
            and warnings.opened_at between episodes.opened_at and episodes.expires_at
    left join active_periods as higher
        on
            warnings.enterprise_key = higher.enterprise_key
            and warnings.level_rank < higher.level_rank
            and warnings.opened_at < higher.opened_at
            and warnings.expires_at >= higher.opened_at
    where warnings.level_rank > 0
    group by
        warnings.enterprise_key, episodes.period_number, warnings.level_rank, warnings.opened_at,
        warnings.opened_day, warnings.expires_at

),

signals as (

    select
        *,
        row_number() over (
            partition by enterprise_key, level_rank, opened_at
            order by triggered_at, rule_code
        ) as number_in_warning
    from (
        select
            signals.*,
            warnings.opened_at
        from {{ ref('int_warnings__signals') }} as signals
        inner join warnings
            on
                signals.enterprise_key = warnings.enterprise_key
                and signals.level_rank = warnings.level_rank
                and signals.triggered_at between warnings.opened_at and warnings.expires_at
        where signals.was_active and not signals.is_trial
    ) as of_warnings

),

rules as (

    select
        enterprise_key,
        level_rank,
        opened_at,
        {{ dbt.listagg('rule_code', "', '", 'order by rule_code') }} as rule_codes
    from (
        select distinct
            enterprise_key,
            level_rank,
            opened_at,
            rule_code
        from signals
    ) as named
    group by enterprise_key, level_rank, opened_at

),

due as (

    select
        warnings.enterprise_key,
        warnings.level_rank,
        warnings.opened_at,
        -- The end of the last working day is the beginning of the next day.
        {{ case_by_value('warning_levels.deadline_kind', 'levels.deadline_kind', {
            'hours': dbt.dateadd('hour', 'levels.deadline_amount', 'warnings.opened_at'),
            'working_days': 'cast(' ~ date_of_day('last_days.day + 1') ~ ' as timestamp)',
        }) }} as due_at,
        {{ case_by_value('warning_levels.deadline_kind', 'levels.deadline_kind', {
            'hours': 'null',
            'working_days': 'opening_days.is_in_calendar and last_days.is_in_calendar',
        }) }} as is_due_by_calendar
    from warnings
    inner join levels
        on warnings.level_rank = levels.level_rank
    inner join working_days as opening_days
        on warnings.opened_day = opening_days.day
    inner join working_days as last_days
        on
            last_days.is_working_day
            and last_days.working_day_number = opening_days.working_day_number
            + {{ case_by_value('warning_levels.deadline_kind', 'levels.deadline_kind', {
                'hours': '1',
                'working_days': 'levels.deadline_amount',
            }) }}

),

responded as (

    select
        warnings.enterprise_key,
        warnings.level_rank,
        warnings.opened_at,
        min(responses.occurred_at) as responded_at
    from warnings
    inner join due
        on
            warnings.enterprise_key = due.enterprise_key
            and warnings.level_rank = due.level_rank
            and warnings.opened_at = due.opened_at
    inner join responses
        on
            warnings.enterprise_key = responses.enterprise_key
            and warnings.opened_at <= responses.occurred_at
            -- A response in time counts even if the warning has expired meanwhile.
            and (
                warnings.expires_at > responses.occurred_at
                or due.due_at >= responses.occurred_at
            )
    group by warnings.enterprise_key, warnings.level_rank, warnings.opened_at

)

select
    warnings.enterprise_key,
    warnings.episode,
    levels.level,
    warnings.opened_at,
    warnings.escalated_at,
    case when warnings.expires_at < as_of.as_of_end then warnings.expires_at end as closed_at,
    rules.rule_codes,
    signals.rule_code as first_rule_code,
    signals.evidence,
    signals.fired_on,
    cast(
        {{ dbt.datediff('signals.fired_on', 'cast(warnings.opened_at as date)', 'day') }}
        as {{ dbt.type_bigint() }}
    ) as detection_days,
    levels.response as measure,
    due.due_at,
    due.is_due_by_calendar,
    responded.responded_at,
    coalesce(responded.responded_at, as_of.as_of_end) > due.due_at as overdue,
    cast(null as {{ dbt.type_string() }}) as province_code,
    enterprises.data_origin

from warnings
cross join as_of
inner join levels
    on warnings.level_rank = levels.level_rank
inner join enterprises
    on warnings.enterprise_key = enterprises.enterprise_key
inner join rules
    on
        warnings.enterprise_key = rules.enterprise_key
        and warnings.level_rank = rules.level_rank
        and warnings.opened_at = rules.opened_at
inner join signals
    on
        warnings.enterprise_key = signals.enterprise_key
        and warnings.level_rank = signals.level_rank
        and warnings.opened_at = signals.opened_at
        and signals.number_in_warning = 1
left join due
    on
        warnings.enterprise_key = due.enterprise_key
        and warnings.level_rank = due.level_rank
        and warnings.opened_at = due.opened_at
left join responded
    on
        warnings.enterprise_key = responded.enterprise_key
        and warnings.level_rank = responded.level_rank
        and warnings.opened_at = responded.opened_at
-- Sort, since the order of processing would reveal information on the provinces
-- (docs/decisions/0020).
order by warnings.enterprise_key, warnings.opened_at, warnings.level_rank

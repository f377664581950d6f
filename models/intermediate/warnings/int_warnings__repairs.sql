{#-
    Each rectification with the applications between it and the next one. The next decision decides an
    application; after a refusal the enterprise may apply again. The output has the application that was made in
    time and passed, else the first one. In time means within six months (Song & Liu 2025, section 6.3.1).
-#}
with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

events as (

    select events.*
    from {{ ref('int_warnings__events') }} as events
    cross join as_of
    where
        events.is_counted
        and events.recorded_at < {{ dbt.dateadd('day', 1, 'as_of.as_of') }}

),

-- Rectifications at the same moment count as one.
rectifications as (

    select
        min(event_id) as event_id,
        enterprise_key,
        occurred_at as rectified_at,
        occurred_day as rectified_day,
        lead(occurred_at) over (
            partition by enterprise_key
            order by occurred_at
        ) as next_rectified_at
    from events
    where event_type = 'rectification_completed'
    group by enterprise_key, occurred_at, occurred_day

),

decisions as (

    select
        event_id,
        enterprise_key,
        occurred_at as decided_at,
        recorded_at as decision_recorded_at,
        result,
        lag(occurred_at) over (
            partition by enterprise_key
            order by occurred_at, event_id
        ) as decided_before
    from events
    where event_type = 'repair_decision'

),

-- A decision covers the applications since the previous decision.
applications as (

    select
        rectifications.event_id,
        rectifications.rectified_at,
        min(events.occurred_at) as applied_at,
        decisions.event_id as decision_id,
        decisions.decided_at,
        decisions.decision_recorded_at,
        decisions.result
    from rectifications
    inner join events
        on
            rectifications.enterprise_key = events.enterprise_key
            and events.event_type = 'repair_application'
            and rectifications.rectified_at <= events.occurred_at
            and (
                rectifications.next_rectified_at is null
                or rectifications.next_rectified_at > events.occurred_at
            )
    left join decisions
        on
            events.enterprise_key = decisions.enterprise_key
            and events.occurred_at <= decisions.decided_at
            and (
                decisions.decided_before is null
                or events.occurred_at > decisions.decided_before
            )
    group by
        rectifications.event_id, rectifications.rectified_at, decisions.event_id,
        decisions.decided_at, decisions.decision_recorded_at, decisions.result

),

evaluated as (

    select
        *,
        applied_at <= {{ dbt.dateadd('month', 6, 'rectified_at') }} as is_in_time,
        coalesce(
            applied_at <= {{ dbt.dateadd('month', 6, 'rectified_at') }} and result = 'passed',
            false
        ) as has_repaired
    from applications

),

chosen as (

    select
        *,
        row_number() over (
            partition by event_id
            order by case when has_repaired then 0 else 1 end, applied_at, decided_at, decision_id
        ) as choice
    from evaluated

)

select
    rectifications.enterprise_key,
    rectifications.rectified_at,
    rectifications.rectified_day,
    chosen.applied_at,
    chosen.is_in_time,
    chosen.decided_at,
    chosen.decision_recorded_at,
    chosen.result,
    coalesce(chosen.has_repaired, false) as has_repaired

from rectifications
left join chosen
    on
        rectifications.event_id = chosen.event_id
        and chosen.choice = 1

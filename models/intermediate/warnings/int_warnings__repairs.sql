{#-
    Each rectification with the first application after it and the first decision after that, before the
    next rectification. An application is in time within six months (Song & Liu 2025, section 6.3.1).
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

rectifications as (

    select
        event_id,
        enterprise_key,
        occurred_at as rectified_at,
        occurred_day as rectified_day,
        lead(occurred_at) over (
            partition by enterprise_key
            order by occurred_at, event_id
        ) as next_rectified_at
    from events
    where event_type = 'rectification_completed'

),

applications as (

    select
        rectifications.event_id,
        min(events.occurred_at) as applied_at
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
    group by rectifications.event_id

),

decisions as (

    select
        rectifications.event_id,
        events.occurred_at as decided_at,
        events.recorded_at as decision_recorded_at,
        events.result,
        row_number() over (
            partition by rectifications.event_id
            order by events.occurred_at, events.event_id
        ) as decision_number
    from rectifications
    inner join applications
        on rectifications.event_id = applications.event_id
    inner join events
        on
            rectifications.enterprise_key = events.enterprise_key
            and events.event_type = 'repair_decision'
            and applications.applied_at <= events.occurred_at
            and (
                rectifications.next_rectified_at is null
                or rectifications.next_rectified_at > events.occurred_at
            )

)

select
    rectifications.event_id,
    rectifications.enterprise_key,
    rectifications.rectified_at,
    rectifications.rectified_day,
    applications.applied_at,
    applications.applied_at <= {{ dbt.dateadd('month', 6, 'rectifications.rectified_at') }}
        as is_in_time,
    decisions.decided_at,
    decisions.decision_recorded_at,
    decisions.result,
    coalesce(
        applications.applied_at <= {{ dbt.dateadd('month', 6, 'rectifications.rectified_at') }}
        and decisions.result = 'passed',
        false
    ) as has_repaired

from rectifications
left join applications
    on rectifications.event_id = applications.event_id
left join decisions
    on
        rectifications.event_id = decisions.event_id
        and decisions.decision_number = 1

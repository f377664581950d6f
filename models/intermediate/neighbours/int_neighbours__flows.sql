{#- Capital flows of the 365 days up to the as-of date, as known then. -#}
{{ config(schema='restricted') }}

with

as_of as (

    select
        as_of_day,
        cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_end
    from {{ ref('int_warnings__as_of') }}

),

flows as (

    select
        enterprises.enterprise_key,
        {{ day_number('events.occurred') }} as occurred_day,
        events.recorded,
        events.amount
    from {{ warning_state('events') }} as events
    inner join {{ warning_state('enterprises') }} as enterprises
        on events.en = enterprises.en
    inner join {{ warning_state('codes') }} as types
        on
            types.kind = 'event_type'
            and events.type_code = types.code
    where
        enterprises.is_listed
        and types.text = 'capital_flow'

)

select
    flows.enterprise_key,
    sum(flows.amount) as amount,
    count(*) as flows

from flows
cross join as_of
where
    flows.recorded < as_of.as_of_end
    and flows.occurred_day between as_of.as_of_day - 364 and as_of.as_of_day
group by flows.enterprise_key

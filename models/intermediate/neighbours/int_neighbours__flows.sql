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
        enterprise_key,
        occurred_day,
        recorded_at,
        amount
    from {{ ref('int_warnings__events') }}
    where
        is_counted
        and event_type = 'capital_flow'

)

select
    flows.enterprise_key,
    sum(flows.amount) as amount,
    count(*) as flows

from flows
cross join as_of
where
    flows.recorded_at < as_of.as_of_end
    and flows.occurred_day between as_of.as_of_day - 364 and as_of.as_of_day
group by flows.enterprise_key

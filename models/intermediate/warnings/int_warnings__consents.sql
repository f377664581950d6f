{#- Periods of consent that overlap or follow each other at once are one period. -#}
{{ config(schema='restricted') }}

with

valid as (

    select distinct
        enterprise_id,
        data_class,
        granted_at,
        withdrawn_at,
        coalesce(withdrawn_at, cast('infinity' as timestamp)) as ends_at
    from {{ ref('int_warnings__consents_validated') }}
    where coalesce(enterprise_fault, class_fault, granted_fault, withdrawn_fault) is null

),

begun as (

    select
        *,
        coalesce(
            granted_at > max(ends_at) over (
                partition by enterprise_id, data_class
                order by granted_at, ends_at
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_begin
    from valid

),

numbered as (

    select
        *,
        sum(case when is_begin then 1 else 0 end) over (
            partition by enterprise_id, data_class
            order by granted_at, ends_at
            rows unbounded preceding
        ) as period_number
    from begun

)

select
    enterprise_id,
    data_class,
    min(granted_at) as granted_at,
    case when count(withdrawn_at) = count(*) then max(withdrawn_at) end as withdrawn_at

from numbered
group by enterprise_id, data_class, period_number

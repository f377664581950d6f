{#-
    The queue of alerts by money. An enterprise counts once, under its highest level. There is no
    total, from which the exposure of a small cell could be computed.
-#}
{%- set smallest = var('smallest_cell') %}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

levels as (

    select * from {{ ref('int_warnings__levels') }}

),

alerts as (

    select * from {{ ref('alert_queue') }}

),

enterprises as (

    select
        alerts.enterprise_key,
        alerts.data_origin,
        max(levels.level_rank) as level_rank,
        count(*) as alerts,
        max(case when alerts.is_overdue then 1 else 0 end) = 1 as is_overdue,
        any_value(alerts.exposure) as exposure
    from alerts
    inner join levels
        on alerts.level = levels.level
    group by alerts.enterprise_key, alerts.data_origin

),

cells as (

    select
        data_origin,
        level_rank,
        is_overdue,
        count(*) as enterprises,
        cast(sum(alerts) as {{ dbt.type_bigint() }}) as alerts,
        count(exposure) as with_exposure,
        sum(exposure) as total_exposure
    from enterprises
    group by data_origin, level_rank, is_overdue

)

select
    levels.level,
    levels.level_rank,
    cells.is_overdue,
    as_of.as_of,
    cells.enterprises,
    cells.alerts,
    cells.with_exposure,
    case
        when cells.with_exposure >= {{ smallest }}
            then {{ significant_digits('cells.total_exposure', 9) }}
    end as total_exposure,
    cells.with_exposure between 1 and {{ smallest }} - 1 as is_suppressed,
    cells.data_origin

from cells
inner join levels
    on cells.level_rank = levels.level_rank
cross join as_of

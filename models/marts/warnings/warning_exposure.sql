{#-
    Money exposed to enterprises with open warnings. An enterprise counts once, under its highest
    level. Sums are rounded, and suppressed if they rest on few enterprises or on one large one,
    since the enterprises behind them are published by their keys.
-#}
{%- set smallest = var('smallest_cell') %}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

levels as (

    select * from {{ ref('int_warnings__levels') }}

),

warnings as (

    select * from {{ ref('enterprise_warnings') }}
    where closed_at is null

),

enterprises as (

    select
        warnings.enterprise_key,
        max(levels.level_rank) as level_rank,
        count(*) as warnings,
        max(case when warnings.overdue then 1 else 0 end) as overdue
    from warnings
    inner join levels
        on warnings.level = levels.level
    group by warnings.enterprise_key

),

cells as (

    select
        register.data_origin,
        enterprises.level_rank,
        count(*) as enterprises,
        cast(sum(enterprises.warnings) as {{ dbt.type_bigint() }}) as warnings,
        cast(sum(enterprises.overdue) as {{ dbt.type_bigint() }}) as overdue,
        count(register.exposure) as with_exposure,
        sum(register.exposure) as total_exposure,
        max(register.exposure) as largest_exposure
    from enterprises
    inner join {{ ref('int_warnings__enterprises') }} as register
        on enterprises.enterprise_key = register.enterprise_key
    group by register.data_origin, enterprises.level_rank

),

assessed as (

    select
        *,
        with_exposure > 0
        and (
            with_exposure < {{ smallest }}
            or largest_exposure > total_exposure / 2
        ) as is_suppressed
    from cells

)

select
    levels.level,
    levels.level_rank,
    as_of.as_of,
    assessed.enterprises,
    assessed.warnings,
    assessed.overdue,
    assessed.with_exposure,
    case
        when not assessed.is_suppressed
            then {{ significant_digits('assessed.total_exposure', 2) }}
    end as total_exposure,
    assessed.is_suppressed,
    assessed.data_origin

from assessed
inner join levels
    on assessed.level_rank = levels.level_rank
cross join as_of

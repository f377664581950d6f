{#-
    Periods during which a signal of a live rule was active, by level, and over all levels (level_rank 0), which are the
    episodes.
-#}
with

signals as (

    select
        enterprise_key,
        level_rank,
        triggered_at,
        expires_at
    from {{ ref('int_warnings__signals') }}
    where was_active and not is_trial
    union all
    select
        enterprise_key,
        0 as level_rank,
        triggered_at,
        expires_at
    from {{ ref('int_warnings__signals') }}
    where was_active and not is_trial

),

begun as (

    select
        *,
        case
            when triggered_at <= max(expires_at) over (
                partition by enterprise_key, level_rank
                order by triggered_at, expires_at
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as is_begin
    from signals

),

numbered as (

    select
        *,
        sum(is_begin) over (
            partition by enterprise_key, level_rank
            order by triggered_at, expires_at
            rows between unbounded preceding and current row
        ) as period_number
    from begun

)

select
    enterprise_key,
    level_rank,
    cast(period_number as {{ dbt.type_bigint() }}) as period_number,
    min(triggered_at) as opened_at,
    max(expires_at) as expires_at

from numbered
group by enterprise_key, level_rank, period_number

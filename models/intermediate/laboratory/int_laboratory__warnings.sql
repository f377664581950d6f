{#-
    Time from the opening of a warning below the worst level to its end: red by any rule, a repair of its last
    signal, or closure. Warnings of enterprises that were red already are not at risk and left out.
-#}
{{ config(schema='restricted') }}
{%- set days = survival_days() %}

with

as_of as (

    select cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_end
    from {{ ref('int_warnings__as_of') }}

),

levels as (

    select
        level,
        level_rank,
        level_rank = max(level_rank) over () as is_red
    from {{ ref('int_warnings__levels') }}

),

warnings as (

    select
        periods.enterprise_key,
        levels.level,
        levels.is_red,
        periods.opened_at,
        case when periods.expires_at < as_of.as_of_end then periods.expires_at end as closed_at
    from {{ ref('int_warnings__active_periods') }} as periods
    inner join levels
        on periods.level_rank = levels.level_rank
    cross join as_of

),

reds as (

    select * from warnings
    where is_red

),

repairs as (

    select distinct
        enterprise_key,
        decision_recorded_at
    from {{ ref('int_warnings__repairs') }}
    where has_repaired

),

followed as (

    select
        warnings.enterprise_key,
        warnings.level,
        warnings.opened_at,
        warnings.closed_at,
        min(
            case
                when
                    warnings.opened_at < reds.opened_at
                    and (warnings.closed_at is null or warnings.closed_at >= reds.opened_at)
                    then reds.opened_at
            end
        ) as red_at,
        max(
            case
                when
                    warnings.opened_at >= reds.opened_at
                    and (reds.closed_at is null or reds.closed_at > warnings.opened_at)
                    then 1
                else 0
            end
        ) as is_already_red
    from warnings
    left join reds
        on warnings.enterprise_key = reds.enterprise_key
    where not warnings.is_red
    group by warnings.enterprise_key, warnings.level, warnings.opened_at, warnings.closed_at

),

at_risk as (

    select * from followed
    where is_already_red = 0

),

ended as (

    select
        at_risk.enterprise_key,
        at_risk.level as from_level,
        at_risk.opened_at,
        case
            when at_risk.red_at is not null then 'red'
            when repairs.enterprise_key is not null then 'repair'
            when at_risk.closed_at is not null then 'closure'
        end as outcome,
        {{ days_between('at_risk.opened_at', 'coalesce(at_risk.red_at, at_risk.closed_at)') }}
            as days_to_end,
        {{ days_between('at_risk.opened_at', 'as_of.as_of_end') }} as days_of_follow_up
    from at_risk
    cross join as_of
    left join repairs
        on
            at_risk.enterprise_key = repairs.enterprise_key
            and at_risk.closed_at = repairs.decision_recorded_at

),

-- The end of the day, and of the period of survival_days, in which the warning ended; and the last
-- one that was observed whole.
counted as (

    select
        enterprise_key,
        from_level,
        opened_at,
        outcome,
        cast(ceil(days_to_end) as integer) as end_day,
        case
            when days_of_follow_up < {{ days[-1] }} then cast(floor(days_of_follow_up) as integer)
            else {{ days[-1] }}
        end as last_day,
        case
            {%- for day in days %}
            when days_to_end <= {{ day }} then {{ day }}
            {%- endfor %}
        end as end_period,
        case
            {%- for day in days | reverse %}
            when days_of_follow_up >= {{ day }} then {{ day }}
            {%- endfor %}
            else 0
        end as last_period
    from ended

)

select
    enterprise_key,
    from_level,
    opened_at,
    case when end_day <= last_day then outcome end as outcome,
    case when end_day <= last_day then end_day else last_day end as day,
    case when end_period <= last_period then outcome end as outcome_of_period,
    case when end_period <= last_period then end_period else last_period end as period_day

from counted

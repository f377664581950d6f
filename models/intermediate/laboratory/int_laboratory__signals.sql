{{ config(schema='restricted') }}
{%- set horizon = warning_horizon_days() %}

with

months as (

    select * from {{ ref('int_laboratory__months') }}

),

signals as (

    select
        enterprise_key,
        rule_code,
        level,
        signal_number,
        triggered_at,
        lag(expires_at) over (
            partition by enterprise_key, rule_code
            order by triggered_at, signal_number
        ) as previous_expires_at
    from {{ ref('int_warnings__signals') }}
    where was_active

),

red_periods as (

    select * from {{ ref('int_laboratory__red_periods') }}

),

followed as (

    select
        signals.enterprise_key,
        signals.rule_code,
        signals.signal_number,
        max(
            case
                when
                    signals.triggered_at >= red_periods.opened_at
                    and signals.triggered_at < red_periods.expires_at
                    then 1
                else 0
            end
        ) as is_already_red,
        min(
            case
                when signals.triggered_at < red_periods.opened_at then red_periods.opened_at
            end
        ) as next_red_at
    from signals
    inner join {{ ref('int_laboratory__outcomes') }} as outcomes
        on signals.rule_code = outcomes.rule_code
    inner join red_periods
        on
            outcomes.outcome_code = red_periods.outcome_code
            and signals.enterprise_key = red_periods.enterprise_key
    group by signals.enterprise_key, signals.rule_code, signals.signal_number

),

overlapped as (

    select
        enterprise_key,
        rule_code,
        signal_number,
        max(case when is_same_level then 1 else 0 end) as is_same_level
    from {{ ref('int_laboratory__overlaps') }}
    group by enterprise_key, rule_code, signal_number

)

select
    signals.enterprise_key,
    signals.rule_code,
    signals.signal_number,
    signals.level,
    signals.triggered_at,
    months.month_code,
    signals.triggered_at <= months.evaluated_until as has_follow_up,
    coalesce(followed.is_already_red, 0) = 1 as is_already_red,
    coalesce(
        followed.next_red_at <= {{ dbt.dateadd('day', horizon, 'signals.triggered_at') }}, false
    ) as is_followed_by_red,
    coalesce(overlapped.is_same_level, 0) = 1 as is_overlapping,
    overlapped.rule_code is null as is_alone,
    coalesce(
        signals.triggered_at <= {{ dbt.dateadd('day', 7, 'signals.previous_expires_at') }}, false
    ) as is_flapping

from signals
inner join months
    on {{ month_of('signals.triggered_at') }} = months.month_code
left join followed
    on
        signals.enterprise_key = followed.enterprise_key
        and signals.rule_code = followed.rule_code
        and signals.signal_number = followed.signal_number
left join overlapped
    on
        signals.enterprise_key = overlapped.enterprise_key
        and signals.rule_code = overlapped.rule_code
        and signals.signal_number = overlapped.signal_number

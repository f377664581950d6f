{#- Periods of red, by each set of rules that is an outcome. -#}
{{ config(schema='restricted') }}

with

outcomes as (

    select
        outcome_code,
        min(rule_code) as rule_code
    from {{ ref('int_laboratory__outcomes') }}
    group by outcome_code

),

red_signals as (

    select
        outcomes.outcome_code,
        signals.enterprise_key,
        signals.triggered_at,
        signals.expires_at
    from outcomes
    inner join {{ ref('int_laboratory__other_rules') }} as others
        on outcomes.rule_code = others.rule_code
    inner join {{ ref('int_warnings__signals') }} as signals
        on others.other_rule_code = signals.rule_code
    where
        others.is_red
        and signals.was_active

),

begun as (

    select
        *,
        case
            when triggered_at <= max(expires_at) over (
                partition by outcome_code, enterprise_key
                order by triggered_at, expires_at
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as is_begin
    from red_signals

),

numbered as (

    select
        *,
        sum(is_begin) over (
            partition by outcome_code, enterprise_key
            order by triggered_at, expires_at
            rows between unbounded preceding and current row
        ) as period_number
    from begun

),

periods as (

    select
        outcome_code,
        enterprise_key,
        min(triggered_at) as opened_at,
        max(expires_at) as expires_at
    from numbered
    group by outcome_code, enterprise_key, period_number

)

select
    outcome_code,
    enterprise_key,
    opened_at,
    expires_at,
    lag(expires_at) over (
        partition by outcome_code, enterprise_key
        order by opened_at
    ) as previous_expires_at

from periods

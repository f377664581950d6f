{{ config(schema='restricted') }}
{%- set horizon = warning_horizon_days() %}

with

months as (

    select * from {{ ref('int_laboratory__months') }}

),

reds as (

    select
        outcomes.rule_code,
        red_periods.enterprise_key,
        red_periods.opened_at,
        months.month_code
    from {{ ref('int_laboratory__red_periods') }} as red_periods
    inner join {{ ref('int_laboratory__outcomes') }} as outcomes
        on red_periods.outcome_code = outcomes.outcome_code
    inner join months
        on {{ month_of('red_periods.opened_at') }} = months.month_code
    where red_periods.opened_at >= months.history_from

),

signals as (

    select * from {{ ref('int_warnings__signals') }}
    where was_active

),

others as (

    select * from {{ ref('int_laboratory__other_rules') }}

)

select
    reds.rule_code,
    reds.enterprise_key,
    reds.opened_at,
    reds.month_code,
    coalesce(max(case when signals.rule_code = reds.rule_code then 1 else 0 end), 0) = 1
        as is_preceded,
    count(others.other_rule_code) > 0 as is_preceded_by_others

from reds
left join signals
    on
        reds.enterprise_key = signals.enterprise_key
        and reds.opened_at > signals.triggered_at
        and {{ dbt.dateadd('day', -horizon, 'reds.opened_at') }} <= signals.triggered_at
left join others
    on
        reds.rule_code = others.rule_code
        and signals.rule_code = others.other_rule_code
group by reds.rule_code, reds.enterprise_key, reds.opened_at, reds.month_code

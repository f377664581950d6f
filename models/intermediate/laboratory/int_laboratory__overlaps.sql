{{ config(schema='restricted') }}

with

signals as (

    select * from {{ ref('int_warnings__signals') }}
    where was_active

),

others as (

    select * from {{ ref('int_laboratory__other_rules') }}

)

select distinct
    signals.enterprise_key,
    signals.rule_code,
    signals.signal_number,
    others.other_rule_code,
    others.is_same_level

from signals
inner join signals as other_signals
    on
        signals.enterprise_key = other_signals.enterprise_key
        and signals.triggered_at < other_signals.expires_at
        and signals.expires_at > other_signals.triggered_at
inner join others
    on
        signals.rule_code = others.rule_code
        and other_signals.rule_code = others.other_rule_code

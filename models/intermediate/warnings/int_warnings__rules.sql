with

rules as (

    select * from {{ first_records(ref('stg_input__warning_rules'), ['rule_code']) }} as rules

)

select
    rule_code,
    title,
    event_type,
    role,
    {{ allowed_value_or_null('warning_rules.measure', 'measure') }} as metric,
    {{ to_integer('window_days') }} as window_days,
    {{ allowed_value_or_null('warning_rules.operator', adapter.quote('operator')) }} as comparison,
    {{ to_number('threshold') }} as threshold,
    level,
    coalesce({{ to_integer('stands_days') }}, 0) as active_days,
    coalesce(is_repairable, '0') = '1' as is_repairable,
    coalesce(is_active, '1') = 'trial' as is_trial,
    replaces

from rules
where coalesce(is_active, '1') in ('1', 'trial')

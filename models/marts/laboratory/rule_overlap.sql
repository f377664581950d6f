with

others as (

    select * from {{ ref('int_laboratory__other_rules') }}

),

signals as (

    select
        rule_code,
        count(*) as signals
    from {{ ref('int_laboratory__signals') }}
    group by rule_code

),

counted as (

    select
        counted.rule_code,
        counted.other_rule_code,
        count(*) as overlapping
    from {{ ref('int_laboratory__overlaps') }} as counted
    inner join {{ ref('int_laboratory__signals') }} as signals
        on
            counted.enterprise_key = signals.enterprise_key
            and counted.rule_code = signals.rule_code
            and counted.signal_number = signals.signal_number
    group by counted.rule_code, counted.other_rule_code

),

enterprises as (

    select max(data_origin) as data_origin
    from {{ ref('int_warnings__enterprises') }}
    having count(*) > 0

)

select
    others.rule_code as rule_a,
    others.other_rule_code as rule_b,
    coalesce(signals.signals, 0) as signals_a,
    coalesce(counted.overlapping, 0) as overlapping,
    {{ significant_digits('cast(coalesce(counted.overlapping, 0) as double) / signals.signals') }}
        as share,
    enterprises.data_origin

from others
cross join enterprises
left join signals
    on others.rule_code = signals.rule_code
left join counted
    on
        others.rule_code = counted.rule_code
        and others.other_rule_code = counted.other_rule_code

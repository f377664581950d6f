{#-
    Due dates, responses and escalations are computed by
    src/credit_indices/early_warning/sql/warnings.sql.
-#}
with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

warnings as (

    select * from {{ warning_state('warnings') }}

),

enterprises as (

    select * from {{ warning_state('enterprises') }}
    where is_listed

),

levels as (

    select * from {{ ref('int_warnings__levels') }}

),

rules as (

    select * from {{ warning_state('rules') }}

),

named_rules as (

    select
        en,
        level_rank,
        opened_at,
        unnest(rules) as rule
    from warnings

),

rule_codes as (

    select
        named_rules.en,
        named_rules.level_rank,
        named_rules.opened_at,
        {{ dbt.listagg('rules.rule_code', "', '", 'order by rules.rule_code') }} as rule_codes
    from named_rules
    inner join rules
        on named_rules.rule = rules.rule
    group by named_rules.en, named_rules.level_rank, named_rules.opened_at

),

signals as (

    select * from {{ ref('int_warnings__signals') }}

)

select
    enterprises.enterprise_key,
    cast(warnings.episode as {{ dbt.type_bigint() }}) as episode,
    levels.level,
    warnings.opened_at,
    warnings.escalated_at,
    case when warnings.expires_at < as_of.as_of_end then warnings.expires_at end as closed_at,
    rule_codes.rule_codes,
    signals.rule_code as first_rule_code,
    signals.evidence,
    signals.fired_on,
    cast(
        {{ dbt.datediff('signals.fired_on', 'cast(warnings.opened_at as date)', 'day') }}
        as {{ dbt.type_bigint() }}
    ) as detection_days,
    levels.response as measure,
    warnings.due_at,
    warnings.is_due_by_calendar,
    warnings.responded_at,
    coalesce(warnings.responded_at, as_of.as_of_end) > warnings.due_at as overdue,
    cast(null as {{ dbt.type_string() }}) as province_code,
    enterprises.data_origin

from warnings
cross join as_of
inner join levels
    on warnings.level_rank = levels.level_rank
inner join enterprises
    on warnings.en = enterprises.en
inner join rule_codes
    on
        warnings.en = rule_codes.en
        and warnings.level_rank = rule_codes.level_rank
        and warnings.opened_at = rule_codes.opened_at
inner join rules
    on warnings.first_rule = rules.rule
inner join signals
    on
        enterprises.enterprise_key = signals.enterprise_key
        and rules.rule_code = signals.rule_code
        and warnings.first_signal = signals.signal_number
-- Sort, since the order of processing would reveal information on the provinces
-- (docs/decisions/0020).
order by enterprises.enterprise_key, warnings.opened_at, warnings.level_rank

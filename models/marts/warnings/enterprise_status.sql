{#- State at the end of as_of. A signal that a repair of that day ended is not open. -#}
with

as_of as (

    select
        as_of,
        cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_end
    from {{ ref('int_warnings__as_of') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

),

levels as (

    select * from {{ ref('int_warnings__levels') }}

),

active_levels as (

    select * from {{ ref('int_warnings__active_periods') }}

),

open_signals as (

    select
        signals.enterprise_key,
        max(signals.level_rank) as level_rank,
        count(*) as signals,
        sum(signals.level_rank) as score,
        {{ dbt.listagg('signals.rule_code', "', '", 'order by signals.rule_code') }} as rule_codes
    from {{ ref('int_warnings__signals') }} as signals
    cross join as_of
    where
        signals.was_active
        and not signals.is_trial
        and signals.expires_at >= as_of.as_of_end
    group by signals.enterprise_key

),

-- A level begins with its own signals or when those of a higher level have expired, whichever is
-- later.
beginnings as (

    select
        enterprises.enterprise_key,
        max(
            case
                when
                    active_levels.level_rank = open_signals.level_rank
                    and active_levels.expires_at >= as_of.as_of_end
                    then active_levels.opened_at
                when active_levels.level_rank > coalesce(open_signals.level_rank, -1)
                    then active_levels.expires_at
            end
        ) as since
    from enterprises
    cross join as_of
    left join open_signals
        on enterprises.enterprise_key = open_signals.enterprise_key
    inner join active_levels
        on enterprises.enterprise_key = active_levels.enterprise_key
    group by enterprises.enterprise_key

)

select
    enterprises.enterprise_key,
    as_of.as_of,
    coalesce(levels.level, 'none') as level,
    coalesce(open_signals.level_rank, 0) as level_rank,
    beginnings.since,
    cast(
        {{ dbt.datediff('cast(beginnings.since as date)', 'as_of.as_of', 'day') }}
        as {{ dbt.type_bigint() }}
    ) as days_in_level,
    coalesce(open_signals.signals, 0) as signals,
    cast(coalesce(open_signals.score, 0) as {{ dbt.type_bigint() }}) as score,
    open_signals.rule_codes,
    cast(null as {{ dbt.type_string() }}) as province_code,
    enterprises.data_origin

from enterprises
cross join as_of
left join open_signals
    on enterprises.enterprise_key = open_signals.enterprise_key
left join levels
    on open_signals.level_rank = levels.level_rank
left join beginnings
    on enterprises.enterprise_key = beginnings.enterprise_key
-- Sort, since the order of processing would reveal information on the provinces
-- (docs/decisions/0020).
order by enterprises.enterprise_key

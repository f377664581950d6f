with

warnings as (

    select * from {{ ref('enterprise_warnings') }}

),

levels as (

    select * from {{ ref('int_warnings__levels') }}

),

worst as (

    select warnings.*
    from warnings
    inner join levels
        on warnings.level = levels.level
    where levels.level_rank = (select max(all_levels.level_rank) from levels as all_levels)

),

-- Warnings of lower levels in the same episode, opened before the event day of the worst warning.
earlier as (

    select
        worst.enterprise_key,
        worst.opened_at,
        lower_warnings.level as first_level,
        lower_warnings.opened_at as first_warned_at,
        row_number() over (
            partition by worst.enterprise_key, worst.opened_at
            order by lower_warnings.opened_at, lower_warnings.level
        ) as number_in_episode
    from worst
    inner join warnings as lower_warnings
        on
            worst.enterprise_key = lower_warnings.enterprise_key
            and worst.episode = lower_warnings.episode
            and worst.level <> lower_warnings.level
            and cast(lower_warnings.opened_at as date) < worst.fired_on

)

select
    worst.enterprise_key,
    worst.episode,
    worst.level,
    worst.first_rule_code as rule_code,
    worst.fired_on,
    worst.opened_at,
    earlier.first_level,
    earlier.first_warned_at,
    cast(
        {{ dbt.datediff('cast(earlier.first_warned_at as date)', 'worst.fired_on', 'day') }}
        as {{ dbt.type_bigint() }}
    ) as lead_days,
    coalesce(
        earlier.first_warned_at
        <= {{ dbt.dateadd('month', -3, 'cast(worst.fired_on as timestamp)') }},
        false
    ) as is_three_months,
    worst.data_origin

from worst
left join earlier
    on
        worst.enterprise_key = earlier.enterprise_key
        and worst.opened_at = earlier.opened_at
        and earlier.number_in_episode = 1
-- Sort, since the order of processing would reveal information on the provinces
-- (docs/decisions/0020).
order by worst.enterprise_key, worst.opened_at

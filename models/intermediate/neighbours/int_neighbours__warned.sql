{#- Enterprises with an open warning at the end of the as-of date, at its highest level. -#}
{{ config(schema='restricted') }}

with

as_of as (

    select
        cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_end
    from {{ ref('int_warnings__as_of') }}

),

levels as (

    select * from {{ ref('int_warnings__levels') }}

),

highest as (

    select
        open_warnings.enterprise_key,
        max(open_warnings.level_rank) as level_rank
    from {{ ref('int_warnings__active_periods') }} as open_warnings
    cross join as_of
    where
        open_warnings.level_rank > 0
        and open_warnings.opened_at < as_of.as_of_end
        and open_warnings.expires_at >= as_of.as_of_end
    group by open_warnings.enterprise_key

)

select
    highest.enterprise_key,
    levels.level,
    highest.level_rank

from highest
inner join levels
    on highest.level_rank = levels.level_rank

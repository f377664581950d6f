{#- Months from the first signal of a live rule to as_of. -#}
{%- set horizon = warning_horizon_days() %}

with

as_of as (

    select
        as_of,
        cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_end
    from {{ ref('int_warnings__as_of') }}

),

first_months as (

    select
        cast({{ dbt.date_trunc('month', 'min(signals.triggered_at)') }} as timestamp)
            as first_begins_at
    from {{ ref('int_warnings__signals') }} as signals
    inner join {{ ref('int_warnings__rules') }} as rules
        on signals.rule_code = rules.rule_code
    where
        signals.was_active
        and not rules.is_trial

),

digits as (

    {%- for digit in range(10) %}
    select {{ digit }} as digit
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

numbers as (

    select a.digit + 10 * b.digit + 100 * c.digit as number
    from digits as a
    cross join digits as b
    cross join digits as c

),

months as (

    select
        numbers.number,
        first_months.first_begins_at,
        cast(
            {{ dbt.dateadd('month', 'numbers.number', 'first_months.first_begins_at') }}
            as timestamp
        ) as begins_at,
        cast(
            {{ dbt.dateadd('month', 'numbers.number + 1', 'first_months.first_begins_at') }}
            as timestamp
        ) as next_begins_at
    from numbers
    cross join first_months

),

clipped as (

    select
        months.begins_at,
        case
            when months.next_begins_at < as_of.as_of_end then months.next_begins_at
            else as_of.as_of_end
        end as ends_at,
        -- Alerts up to here have a full {{ horizon }} days before as_of ends.
        {{ dbt.dateadd('day', -horizon, 'as_of.as_of_end') }} as evaluated_until,
        -- Red warnings from here on have {{ horizon }} days of history.
        {{ dbt.dateadd('day', horizon, 'months.first_begins_at') }} as history_from
    from months
    cross join as_of
    where months.begins_at < as_of.as_of_end

)

select
    {{ month_of('begins_at') }} as month_code,
    cast(begins_at as timestamp) as begins_at,
    cast(ends_at as timestamp) as ends_at,
    cast(
        case
            when evaluated_until < begins_at then begins_at
            when evaluated_until < ends_at then evaluated_until
            else ends_at
        end as timestamp
    ) as evaluated_until,
    cast(history_from as timestamp) as history_from

from clipped

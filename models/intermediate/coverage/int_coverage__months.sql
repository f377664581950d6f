{#- The last months that ended by the as-of date. -#}
with

digits as (

    {%- for digit in range(10) %}
    select {{ digit }} as digit
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

numbers as (

    select a.digit + 10 * b.digit + 100 * c.digit as number_back
    from digits as a
    cross join digits as b
    cross join digits as c

),

last_months as (

    -- The month before that of the day after the as-of date.
    select
        cast(
            {{ dbt.dateadd('month', -1, dbt.date_trunc('month', dbt.dateadd('day', 1, 'as_of'))) }}
            as date
        ) as month_begin
    from {{ ref('int_warnings__as_of') }}

),

months as (

    select
        cast(
            {{ dbt.dateadd('month', '-numbers.number_back', 'last_months.month_begin') }} as date
        ) as month_begin
    from last_months
    cross join numbers
    where numbers.number_back < {{ coverage_months() }}

)

select
    month_begin,
    {{ month_number('month_begin') }} as month_number

from months

{#-
    Mondays to Fridays that are not public holidays, and weekend days that are worked instead. Before the first
    day of public_holidays, and in years without rows, all Mondays to Fridays.
-#}
with

holidays as (

    select
        {{ to_moment('calendar_date') }} as calendar_moment,
        {{ allowed_value_or_null('public_holidays.kind', 'kind') }} as kind
    from {{ first_records(ref('stg_input__public_holidays'), ['calendar_date']) }} as holidays

),

as_days as (

    select
        {{ day_number('calendar_moment') }} as day,
        extract(year from calendar_moment) as calendar_year,
        kind
    from holidays

),

calendar_years as (

    select
        calendar_year,
        min(min(day)) over () as first_day
    from as_days
    group by calendar_year

),

-- No valid event is older. Deadlines have at most 60 working days.
span as (

    select
        {{ day_number("cast('1950-01-01' as date)") }} as first_day,
        greatest(
            {{ day_number('current_date') }},
            {{ day_number("cast('" ~ (as_of_date() or '1950-01-01') ~ "' as date)") }}
        ) + 150 as last_day

),

digits as (

    {%- for digit in range(10) %}
    select {{ digit }} as digit
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

offsets as (

    select a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit + 10000 * e.digit as days
    from digits as a
    cross join digits as b
    cross join digits as c
    cross join digits as d
    cross join digits as e

),

days as (

    select span.first_day + offsets.days as day
    from span
    cross join offsets
    where span.first_day + offsets.days <= span.last_day

),

classified as (

    select
        days.day,
        coalesce(
            {{ case_by_value('public_holidays.kind', 'as_days.kind', {
                'holiday': 'false', 'working_day': 'true',
            }) }},
            -- Day 0 was a Thursday.
            mod(days.day + 3, 7) < 5
        ) as is_working_day,
        coalesce(days.day >= calendar_years.first_day, false) as is_in_calendar
    from days
    left join calendar_years
        on extract(year from {{ date_of_day('days.day') }}) = calendar_years.calendar_year
    left join as_days
        on days.day = as_days.day

)

select
    day,
    is_working_day,
    is_in_calendar,
    -- A day of rest has the number of the working day before it.
    sum(case when is_working_day then 1 else 0 end) over (
        order by day
        rows between unbounded preceding and current row
    ) as working_day_number

from classified

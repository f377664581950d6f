{#- The end of the last working day for a response. -#}
with

levels as (

    select * from {{ ref('int_warnings__levels') }}
    where deadline_kind = 'working_days'

),

working_days as (

    select * from {{ ref('int_warnings__working_days') }}

)

select
    levels.level_rank,
    {{ date_of_day('opening_days.day') }} as opened_on,
    -- The end of the last working day is the beginning of the next day.
    cast({{ date_of_day('last_days.day + 1') }} as timestamp) as due_at,
    opening_days.is_in_calendar and last_days.is_in_calendar as is_by_calendar

from levels
cross join working_days as opening_days
inner join working_days as last_days
    on
        last_days.is_working_day
        and last_days.working_day_number
        = opening_days.working_day_number + levels.deadline_amount

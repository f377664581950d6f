with

levels as (

    select * from {{ first_records(ref('stg_input__warning_levels'), ['level']) }} as levels

)

select
    level,
    {{ to_integer(adapter.quote('rank')) }} as level_rank,
    measure as response,
    {{ allowed_value_or_null('warning_levels.deadline_kind', 'deadline_kind') }} as deadline_kind,
    {{ to_integer('deadline_amount') }} as deadline_amount

from levels

{#- The table periods, typed. Invalid records are reported as violations. -#}
with

typed as (

    select
        {{ to_period('period') }} as period,
        label,
        cast({{ to_moment('starts_on') }} as date) as starts_on,
        source_row
    from {{ ref('stg_input__periods') }}

),

valid as (

    select * from typed
    where
        period is not null
        and starts_on is not null

)

select
    period,
    label,
    starts_on

from {{ first_records('valid', ['period']) }} as periods

with

periods_of_indices as (

    select distinct
        members.index_key,
        observed.period
    from {{ ref('int_index__members') }} as members
    inner join {{ ref('int_periods__observed') }} as observed
        on members.indicator_key = observed.indicator_key

)

select
    index_key,
    period,
    label,
    starts_on,
    coding,
    family,
    is_listed,
    frequency,
    step

from {{ stepped_periods('periods_of_indices', 'index_key') }} as stepped

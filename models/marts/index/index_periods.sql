with

periods as (

    select * from {{ ref('int_periods__of_indices') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

gate as (

    select * from {{ ref('int_quality__gate') }}

)

select
    indices.index_code,
    periods.period,
    periods.label,
    periods.starts_on,
    periods.frequency,
    periods.step

from periods
inner join indices
    on periods.index_key = indices.index_key
cross join gate

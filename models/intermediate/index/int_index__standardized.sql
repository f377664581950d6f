{{ config(materialized='view') }}

with

cells as (

    select * from {{ ref('int_index__cells') }}

),

bounds as (

    select * from {{ ref('int_index__bounds') }}

),

standardized as (

    select
        cells.member_key,
        cells.unit_key,
        cells.period,
        cells.frame_id,
        cells.is_reference,
        cells.is_imputed,
        bounds.has_goalposts,
        case
            when bounds.is_constant then null
            when bounds.is_standardized
                then {{ min_max(
                    'cells.value', 'bounds.lower_bound', 'bounds.upper_bound', 'bounds.direction'
                ) }}
            else cells.value
        end as z
    from cells
    inner join bounds
        on
            cells.member_key = bounds.member_key
            and cells.frame_id = bounds.frame_id

)

select
    member_key,
    unit_key,
    period,
    frame_id,
    is_reference,
    is_imputed,
    -- A value beyond a goalpost counts as the goalpost.
    case when has_goalposts then least(1, greatest(0, z)) else z end as z

from standardized

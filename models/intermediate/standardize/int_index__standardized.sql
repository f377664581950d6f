{{ config(materialized='view') }}

with

cells as (

    select * from {{ ref('int_index__cells') }}

),

bounds as (

    select * from {{ ref('int_index__bounds') }}

),

clamped as (

    select
        cells.member_key,
        cells.unit_key,
        cells.period,
        cells.frame_id,
        cells.is_reference,
        cells.is_imputed,
        bounds.is_constant,
        bounds.is_standardized,
        bounds.lower_bound,
        bounds.upper_bound,
        bounds.direction,
        -- A value beyond a goalpost, or within rounding of it, is set to the goalpost.
        case
            when
                cells.value
                <= bounds.lower_goalpost + 1e-12 * (bounds.upper_bound - bounds.lower_bound)
                then bounds.lower_goalpost
            when
                cells.value
                >= bounds.upper_goalpost - 1e-12 * (bounds.upper_bound - bounds.lower_bound)
                then bounds.upper_goalpost
            else cells.value
        end as value
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
    case
        when is_constant then null
        when is_standardized
            then {{ min_max('value', 'lower_bound', 'upper_bound', 'direction') }}
        else value
    end as z

from clamped

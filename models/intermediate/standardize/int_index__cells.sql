{{ config(materialized='view') }}

with

accepted as (

    select * from {{ ref('int_observations__accepted') }}

),

members as (

    select * from {{ ref('int_index__members') }}

),

imputed as (

    select * from {{ ref('int_index__imputed_cells') }}

),

cells as (

    select
        members.member_key,
        members.is_by_period,
        members.reference_last_period,
        accepted.unit_key,
        accepted.period,
        accepted.value,
        0 as is_imputed
    from accepted
    inner join members
        on accepted.indicator_key = members.indicator_key
    union all
    select
        members.member_key,
        members.is_by_period,
        members.reference_last_period,
        imputed.unit_key,
        imputed.period,
        imputed.value,
        1 as is_imputed
    from imputed
    inner join members
        on imputed.member_key = members.member_key
    where imputed.value is not null

)

select
    member_key,
    unit_key,
    period,
    -- Frame of bounds and shares: all rows, or the rows of one period.
    case when is_by_period then period else 0 end as frame_id,
    coalesce(period <= reference_last_period, true) as is_reference,
    value,
    is_imputed

from cells

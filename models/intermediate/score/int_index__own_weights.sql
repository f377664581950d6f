{#-
    Share of an index's weight that rests on a unit's own values, for units and periods with missing or imputed
    cells.
-#}
with

missing as (

    select * from {{ ref('int_index__missing_cells') }}

),

members as (

    select * from {{ ref('int_index__members') }}

),

weights as (

    select * from {{ ref('int_index__weights') }}
    where
        scheme = 'headline'
        and member_key is not null

)

select
    members.index_key,
    missing.unit_key,
    missing.period,
    1 - sum(weights.global_weight) as own_weight

from missing
inner join members
    on missing.member_key = members.member_key
inner join weights
    on
        missing.member_key = weights.member_key
        and missing.frame_id = weights.frame_id
group by members.index_key, missing.unit_key, missing.period

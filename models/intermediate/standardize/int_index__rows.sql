{#- A unit and period belongs to an index if it has at least one of the index's indicators. -#}
with

presence as (

    select * from {{ ref('int_observations__presence') }}

),

members as (

    select * from {{ ref('int_index__members') }}

),

required as (

    select
        index_key,
        presence_block,
        max(reference_last_period) as reference_last_period,
        cast(sum(presence_bit) as {{ dbt.type_bigint() }}) as required_bits
    from members
    group by index_key, presence_block

)

select
    required.index_key,
    presence.unit_key,
    presence.period,
    max(coalesce(presence.period <= required.reference_last_period, true)) as is_reference

from presence
inner join required
    on
        presence.presence_block = required.presence_block
        and (presence.present_bits & required.required_bits) <> 0
group by required.index_key, presence.unit_key, presence.period

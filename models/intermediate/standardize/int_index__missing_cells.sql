{#- Indicators of the index that a row of the index lacks. -#}
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
        cast(sum(presence_bit) as {{ dbt.type_bigint() }}) as required_bits
    from members
    group by index_key, presence_block

),

index_rows as (

    select * from {{ ref('int_index__rows') }}

),

incomplete as (

    select
        index_rows.index_key,
        index_rows.unit_key,
        index_rows.period,
        required.presence_block,
        coalesce(presence.present_bits, 0) as present_bits
    from index_rows
    inner join required
        on index_rows.index_key = required.index_key
    left join presence
        on
            index_rows.unit_key = presence.unit_key
            and index_rows.period = presence.period
            and required.presence_block = presence.presence_block
    where (coalesce(presence.present_bits, 0) & required.required_bits) <> required.required_bits

)

select
    members.member_key,
    members.indicator_key,
    members.missing_policy,
    incomplete.unit_key,
    incomplete.period,
    case when members.is_by_period then incomplete.period else 0 end as frame_id

from incomplete
inner join members
    on
        incomplete.index_key = members.index_key
        and incomplete.presence_block = members.presence_block
        and (incomplete.present_bits & members.presence_bit) = 0

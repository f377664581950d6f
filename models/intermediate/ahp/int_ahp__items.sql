{#- Nodes and indicators are compared with their siblings, only in indices that this run builds. -#}
with

indices as (

    select indices.*
    from {{ ref('int_catalog__indices') }} as indices
    inner join {{ ref('int_index__data_availability') }} as availability
        on
            indices.index_key = availability.index_key
            and availability.has_complete_data
    where indices.weighting = 'ahp'

),

nodes as (

    select * from {{ ref('int_catalog__nodes') }}

),

members as (

    select * from {{ ref('int_catalog__index_indicators') }}

),

items as (

    select
        nodes.index_code,
        nodes.parent_code,
        nodes.node_code as item_code,
        nodes.parent_key,
        nodes.node_key,
        cast(null as {{ dbt.type_int() }}) as member_key
    from nodes
    inner join indices
        on nodes.index_code = indices.index_code
    where nodes.parent_key is not null
    union all
    select
        members.index_code,
        members.node_code as parent_code,
        members.indicator_code as item_code,
        members.node_key as parent_key,
        cast(null as {{ dbt.type_int() }}) as node_key,
        members.member_key
    from members
    inner join indices
        on members.index_key = indices.index_key
    where members.node_key is not null

)

select * from items

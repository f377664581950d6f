with

weights as (

    select * from {{ ref('int_index__weights') }}

),

entropy as (

    select * from {{ ref('int_index__entropy') }}

),

members as (

    select * from {{ ref('int_index__members') }}

),

nodes as (

    select * from {{ ref('int_catalog__nodes') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

indicator_rows as (

    select
        weights.index_key,
        weights.scheme,
        weights.frame_id,
        members.indicator_code,
        nodes.node_code,
        nodes.node_code as parent_code,
        entropy.entropy,
        entropy.divergence,
        weights.weight,
        node_weights.weight as node_weight,
        weights.global_weight
    from weights
    inner join members
        on weights.member_key = members.member_key
    inner join nodes
        on weights.parent_key = nodes.node_key
    inner join entropy
        on
            weights.member_key = entropy.member_key
            and weights.frame_id = entropy.frame_id
    inner join weights as node_weights
        on
            weights.scheme = node_weights.scheme
            and weights.frame_id = node_weights.frame_id
            and weights.parent_key = node_weights.node_key

),

node_rows as (

    select
        weights.index_key,
        weights.scheme,
        weights.frame_id,
        cast(null as {{ dbt.type_string() }}) as indicator_code,
        nodes.node_code,
        nodes.parent_code,
        cast(null as double) as entropy,
        cast(null as double) as divergence,
        weights.weight,
        weights.weight as node_weight,
        weights.global_weight
    from weights
    inner join nodes
        on weights.node_key = nodes.node_key

),

unioned as (

    select * from indicator_rows
    union all
    select * from node_rows

)

select
    indices.index_code,
    unioned.scheme,
    case when indices.frame = 'by_period' then unioned.frame_id end as period,
    unioned.indicator_code,
    unioned.node_code,
    unioned.parent_code,
    {{ significant_digits('unioned.entropy') }} as entropy,
    {{ significant_digits('unioned.divergence') }} as divergence,
    {{ significant_digits('unioned.weight') }} as weight,
    {{ significant_digits('unioned.node_weight') }} as node_weight,
    {{ significant_digits('unioned.global_weight') }} as global_weight

from unioned
inner join indices
    on unioned.index_key = indices.index_key

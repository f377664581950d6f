with

node_scores as (

    select * from {{ ref('index_node_scores') }}

),

nodes as (

    select * from {{ ref('int_catalog__nodes') }}

),

share_indices as (

    select index_code
    from {{ ref('int_catalog__indices') }}
    where aggregation = 'weighted_share'

),

dimensions as (

    select
        node_scores.index_code,
        node_scores.scheme,
        node_scores.unit_id,
        node_scores.period,
        sum(node_scores.score) as summed_score
    from node_scores
    inner join nodes
        on
            node_scores.index_code = nodes.index_code
            and node_scores.node_code = nodes.node_code
            and nodes.level = 2
    group by
        node_scores.index_code,
        node_scores.scheme,
        node_scores.unit_id,
        node_scores.period

),

-- An indicator may belong to the root itself. Its contribution is in no dimension.
roots_of_nodes_only as (

    select nodes.index_code
    from nodes
    inner join share_indices
        on nodes.index_code = share_indices.index_code
    where
        nodes.level = 1
        and not exists (
            select 1 from {{ ref('int_index__members') }} as members
            where members.node_key = nodes.node_key
        )

)

select
    roots.index_code,
    roots.scheme,
    roots.unit_id,
    roots.period,
    roots.score,
    dimensions.summed_score
from {{ ref('index_scores') }} as roots
inner join roots_of_nodes_only
    on roots.index_code = roots_of_nodes_only.index_code
left join dimensions
    on
        roots.index_code = dimensions.index_code
        and roots.scheme = dimensions.scheme
        and roots.unit_id = dimensions.unit_id
        and roots.period = dimensions.period
where
    not coalesce(
        abs(roots.score - dimensions.summed_score) <= 1e-9 * (1 + abs(roots.score)),
        false
    )

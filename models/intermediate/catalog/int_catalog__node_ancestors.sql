with

nodes as (

    select
        *,
        parent_key as ancestor_1_key
    from {{ ref('int_catalog__nodes') }}
    where level is not null

),

pairs as (

    select
        node_key,
        node_key as ancestor_key,
        0 as steps
    from nodes
    {%- for steps in range(1, 8) %}
    union all
    select
        node_key,
        ancestor_{{ steps }}_key as ancestor_key,
        {{ steps }} as steps
    from nodes
    where ancestor_{{ steps }}_key is not null
    {%- endfor %}

),

between_them as (

    select
        pairs.node_key,
        pairs.ancestor_key,
        max(case when nodes.fixed_weight = 0 then 1 else 0 end) as n_zero_weights
    from pairs
    inner join pairs as lower_pairs
        on
            pairs.node_key = lower_pairs.node_key
            and pairs.steps > lower_pairs.steps
    inner join nodes
        on lower_pairs.ancestor_key = nodes.node_key
    group by pairs.node_key, pairs.ancestor_key

)

select
    pairs.node_key,
    pairs.ancestor_key,
    coalesce(between_them.n_zero_weights > 0, false) as passes_a_zero_weight

from pairs
left join between_them
    on
        pairs.node_key = between_them.node_key
        and pairs.ancestor_key = between_them.ancestor_key

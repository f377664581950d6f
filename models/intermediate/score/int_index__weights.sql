{#-
    Weights among siblings are fixed, come from judgements or from entropies. Products from the root down give
    global weights.
-#}
{%- set depth = 8 %}

with

gate as (

    select * from {{ ref('int_quality__gate') }}

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

ancestors as (

    select * from {{ ref('int_catalog__node_ancestors') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

ahp_weights as (

    select * from {{ ref('int_ahp__weights') }}

),

scheme_names as (

    {%- for scheme in allowed_values('index_scores.scheme') %}
    select '{{ scheme }}' as scheme
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

schemes as (

    select
        indices.index_key,
        scheme_names.scheme,
        {{ case_by_value('index_scores.scheme', 'scheme_names.scheme', {
            'headline': 'indices.weighting', 'equal': "'equal'", 'entropy': "'entropy'",
        }) }} as weighting
    from indices
    cross join scheme_names
    cross join gate
    where scheme_names.scheme <> indices.weighting

),

indicator_items as (

    select
        schemes.scheme,
        schemes.weighting,
        entropy.index_key,
        entropy.frame_id,
        entropy.node_key as parent_key,
        cast(null as {{ dbt.type_int() }}) as node_key,
        entropy.member_key,
        case
            when entropy.is_constant then 0
            else {{ case_by_value('indices.weighting', 'schemes.weighting', {
                'entropy': 'coalesce(entropy.divergence, 0)',
                'equal': '1',
                'fixed': 'coalesce(members.fixed_weight, 1)',
                'ahp': 'ahp_weights.weight',
            }) }}
        end as raw_weight
    from entropy
    inner join members
        on entropy.member_key = members.member_key
    left join ahp_weights
        on entropy.member_key = ahp_weights.member_key
    inner join schemes
        on entropy.index_key = schemes.index_key

),

descendants as (

    select
        indicator_items.scheme,
        indicator_items.weighting,
        indicator_items.index_key,
        indicator_items.frame_id,
        ancestors.ancestor_key as node_key,
        sum(
            case
                when indicator_items.weighting = 'fixed' and ancestors.passes_a_zero_weight then 0
                else indicator_items.raw_weight
            end
        ) as summed_weight
    from indicator_items
    inner join ancestors
        on indicator_items.parent_key = ancestors.node_key
    group by
        indicator_items.scheme,
        indicator_items.weighting,
        indicator_items.index_key,
        indicator_items.frame_id,
        ancestors.ancestor_key

),

-- A scheme other than the headline is left out if it has no weights: there are no entropy weights
-- if every standardised value is at a goalpost.
usable_schemes as (

    select
        descendants.scheme,
        descendants.index_key
    from descendants
    inner join nodes
        on
            descendants.node_key = nodes.node_key
            and nodes.parent_key is null
    group by descendants.scheme, descendants.index_key
    having min(descendants.summed_weight) > 0

),

node_items as (

    select
        descendants.scheme,
        descendants.weighting,
        descendants.index_key,
        descendants.frame_id,
        nodes.parent_key,
        nodes.node_key,
        cast(null as {{ dbt.type_int() }}) as member_key,
        case
            -- A node has no weight if no indicator below it varies and has weight.
            when descendants.summed_weight = 0 then 0
            when nodes.parent_key is null then 1
            else {{ case_by_value('indices.weighting', 'descendants.weighting', {
                'entropy': 'descendants.summed_weight',
                'equal': '1',
                'fixed': 'nodes.fixed_weight',
                'ahp': 'ahp_weights.weight',
            }) }}
        end as raw_weight
    from descendants
    inner join nodes
        on descendants.node_key = nodes.node_key
    left join ahp_weights
        on descendants.node_key = ahp_weights.node_key

),

items as (

    select * from indicator_items
    union all
    select * from node_items

),

sibling_sums as (

    select
        scheme,
        index_key,
        frame_id,
        parent_key,
        sum(raw_weight) as summed_weight
    from items
    where parent_key is not null
    group by scheme, index_key, frame_id, parent_key

),

weighted as (

    select
        items.scheme,
        items.index_key,
        items.frame_id,
        items.parent_key,
        items.node_key,
        items.member_key,
        nodes.level,
        case
            when items.parent_key is null then items.raw_weight
            when sibling_sums.summed_weight > 0 then items.raw_weight / sibling_sums.summed_weight
            else 0
        end as weight
    from items
    inner join usable_schemes
        on
            items.scheme = usable_schemes.scheme
            and items.index_key = usable_schemes.index_key
    left join sibling_sums
        on
            items.scheme = sibling_sums.scheme
            and items.index_key = sibling_sums.index_key
            and items.frame_id = sibling_sums.frame_id
            and items.parent_key = sibling_sums.parent_key
    left join nodes
        on items.node_key = nodes.node_key

),

level_1 as (

    select
        *,
        weight as global_weight
    from weighted
    where level = 1

),
{% for level in range(2, depth + 1) %}
level_{{ level }} as (

    select
        weighted.*,
        weighted.weight * parents.global_weight as global_weight
    from weighted
    inner join level_{{ level - 1 }} as parents
        on
            weighted.scheme = parents.scheme
            and weighted.frame_id = parents.frame_id
            and weighted.parent_key = parents.node_key
    where weighted.level = {{ level }}

),
{% endfor %}
weighted_nodes as (
    {% for level in range(1, depth + 1) %}
    select * from level_{{ level }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

weighted_indicators as (

    select
        weighted.*,
        weighted.weight * weighted_nodes.global_weight as global_weight
    from weighted
    inner join weighted_nodes
        on
            weighted.scheme = weighted_nodes.scheme
            and weighted.frame_id = weighted_nodes.frame_id
            and weighted.parent_key = weighted_nodes.node_key
    where weighted.member_key is not null

),

unioned as (

    select * from weighted_nodes
    union all
    select * from weighted_indicators

)

select
    scheme,
    index_key,
    frame_id,
    parent_key,
    node_key,
    member_key,
    weight,
    global_weight

from unioned

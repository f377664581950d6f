{#-
    Level by level from the leaves, unrolled to eight levels. Under weighted_share the score of a node is the
    sum of the contributions of its indicators and nodes. Under weighted_mean it is sum(w z) / sum(w) over the
    children that are present, NULL below the index's minimum share of present weight (Lin & Gu 2015, eq. 3).
    Schemes are columns here and rows in the marts.
-#}
{%- set depth = 8 %}
{%- set schemes = allowed_values('index_scores.scheme') %}

with

standardized as (

    select * from {{ ref('int_index__standardized') }}

),

coefficients as (

    select * from {{ ref('int_index__coefficients') }}

),

weights as (

    select * from {{ ref('int_index__weights') }}
    where node_key is not null

),

nodes as (

    select * from {{ ref('int_catalog__nodes') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

leaves as (

    select
        coefficients.node_key,
        standardized.unit_key,
        standardized.period,
        standardized.frame_id,
        sum(standardized.is_imputed) as imputed_cells,
        {%- for scheme in schemes %}
        sum(
            coefficients.{{ scheme }}_coefficient
            * (coefficients.score_base + coefficients.score_span * standardized.z)
        ) as {{ scheme }}_sum,
        sum(
            case when standardized.z is not null then coefficients.{{ scheme }}_coefficient end
        ) as {{ scheme }}_present{{ ',' if not loop.last }}
        {%- endfor %}
    from standardized
    inner join coefficients
        on
            standardized.member_key = coefficients.member_key
            and standardized.frame_id = coefficients.frame_id
    group by
        coefficients.node_key,
        standardized.unit_key,
        standardized.period,
        standardized.frame_id

),

node_weights as (

    select
        node_key,
        frame_id,
        {%- for scheme in schemes %}
        max(case when scheme = '{{ scheme }}' then weight end)
            as {{ scheme }}_weight{{ ',' if not loop.last }}
        {%- endfor %}
    from weights
    group by node_key, frame_id

),

parents as (

    select distinct parent_key
    from nodes
    where parent_key is not null

),

rules as (

    select
        nodes.node_key,
        nodes.parent_key,
        nodes.level,
        indices.index_key,
        {{ case_by_value('indices.aggregation', 'indices.aggregation', {
            'weighted_share': 'false', 'weighted_mean': 'true',
        }) }} as is_mean,
        indices.minimum_weight_share,
        parents.parent_key is not null as has_nodes
    from nodes
    inner join indices
        on nodes.index_code = indices.index_code
    left join parents
        on nodes.node_key = parents.parent_key

),
{% for level in range(depth, 0, -1) %}
gathered_{{ level }} as (

    select leaves.*
    from leaves
    inner join rules
        on
            leaves.node_key = rules.node_key
            and rules.level = {{ level }}
            and rules.has_nodes
    {%- if level < depth %}
    union all
    select
        children.parent_key as node_key,
        children.unit_key,
        children.period,
        children.frame_id,
        children.imputed_cells,
        {%- for scheme in schemes %}
        case
            when children.is_mean
                then node_weights.{{ scheme }}_weight * children.{{ scheme }}_score
            else children.{{ scheme }}_score
        end as {{ scheme }}_sum,
        case
            when children.{{ scheme }}_score is not null then node_weights.{{ scheme }}_weight
        end as {{ scheme }}_present{{ ',' if not loop.last }}
        {%- endfor %}
    from level_{{ level + 1 }} as children
    inner join node_weights
        on
            children.node_key = node_weights.node_key
            and children.frame_id = node_weights.frame_id
    {%- endif %}

),

level_{{ level }} as (

    select
        summed.node_key,
        rules.index_key,
        rules.parent_key,
        rules.is_mean,
        summed.unit_key,
        summed.period,
        summed.frame_id,
        summed.imputed_cells,
        {%- for scheme in schemes %}
        case
            when not rules.is_mean then summed.{{ scheme }}_sum
            when summed.{{ scheme }}_present >= rules.minimum_weight_share - 1e-9
                then summed.{{ scheme }}_sum / nullif(summed.{{ scheme }}_present, 0)
        end as {{ scheme }}_score{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            node_key,
            unit_key,
            period,
            frame_id,
            sum(imputed_cells) as imputed_cells,
            {%- for scheme in schemes %}
            sum({{ scheme }}_sum) as {{ scheme }}_sum,
            sum({{ scheme }}_present) as {{ scheme }}_present{{ ',' if not loop.last }}
            {%- endfor %}
        from gathered_{{ level }}
        group by node_key, unit_key, period, frame_id
        union all
        -- A node with only indicators is already summed.
        select leaves.*
        from leaves
        inner join rules as leaf_rules
            on
                leaves.node_key = leaf_rules.node_key
                and leaf_rules.level = {{ level }}
                and not leaf_rules.has_nodes
    ) as summed
    inner join rules
        on summed.node_key = rules.node_key

),
{% endfor %}
scored as (
    {% for level in range(1, depth + 1) %}
    select * from level_{{ level }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    index_key,
    node_key,
    parent_key,
    unit_key,
    period,
    frame_id,
    cast(imputed_cells as {{ dbt.type_int() }}) as imputed_cells,
    {%- for scheme in schemes %}
    {{ scheme }}_score{{ ',' if not loop.last }}
    {%- endfor %}

from scored

{#- Chains of ancestors, unrolled to the eight levels that a hierarchy may have. -#}
{%- set depth = 8 %}

with

nodes as (

    select
        *,
        cast(row_number() over (order by index_code, node_code) as {{ dbt.type_int() }}) as node_key
    from {{ first_records(ref('stg_input__index_nodes'), ['index_code', 'node_code']) }} as nodes

),

linked as (

    select
        nodes.*,
        parents.node_key as parent_key
    from nodes
    left join nodes as parents
        on
            nodes.index_code = parents.index_code
            and nodes.parent_code = parents.node_code

),

chains as (

    select
        node_0.*,
        {%- for step in range(2, depth + 1) %}
        node_{{ step - 1 }}.parent_key as ancestor_{{ step }}_key{{ ',' if not loop.last }}
        {%- endfor %}
    from linked as node_0
    {%- for step in range(1, depth) %}
    left join linked as node_{{ step }}
        on node_{{ step - 1 }}.parent_key = node_{{ step }}.node_key
    {%- endfor %}

)

select
    node_key,
    parent_key,
    {%- for step in range(2, depth + 1) %}
    ancestor_{{ step }}_key,
    {%- endfor %}
    index_code,
    node_code,
    parent_code,
    name_en,
    name_zh,
    {{ to_number('fixed_weight') }} as fixed_weight,
    -- 1 is the root. NULL if no root is within eight steps.
    case
        when ancestor_{{ depth }}_key is null
            then
                1
                + case when parent_key is null then 0 else 1 end
                {%- for step in range(2, depth) %}
                + case when ancestor_{{ step }}_key is null then 0 else 1 end
                {%- endfor %}
    end as level,
    (
        coalesce(parent_key = node_key, false)
        {%- for step in range(2, depth + 1) %}
        or coalesce(ancestor_{{ step }}_key = node_key, false)
        {%- endfor %}
    ) as is_on_cycle

from chains

with

nodes as (

    select
        *,
        parent_key as ancestor_1_key
    from {{ ref('int_catalog__nodes') }}

),

ancestors as (

    select
        node_key,
        node_key as ancestor_key
    from nodes
    where level is not null
    {%- for steps in range(1, 8) %}
    union all
    select
        node_key,
        ancestor_{{ steps }}_key as ancestor_key
    from nodes
    where
        level is not null
        and ancestor_{{ steps }}_key is not null
    {%- endfor %}

)

select * from ancestors

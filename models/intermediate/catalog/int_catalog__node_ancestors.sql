with

nodes as (

    select * from {{ ref('int_catalog__nodes') }}

),

ancestors as (

    select
        node_key,
        node_key as ancestor_key
    from nodes
    where level is not null
    {%- for column in ['parent_key'] + ['ancestor_2_key', 'ancestor_3_key', 'ancestor_4_key', 'ancestor_5_key', 'ancestor_6_key', 'ancestor_7_key'] %}
    union all
    select
        node_key,
        {{ column }} as ancestor_key
    from nodes
    where
        level is not null
        and {{ column }} is not null
    {%- endfor %}

)

select * from ancestors

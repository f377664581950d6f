{#- Priorities of the group of experts. An only child has no judgements and has weight 1. -#}
with

items as (

    select * from {{ ref('int_ahp__items') }}

),

priorities as (

    select * from {{ ref('ahp_priorities') }}
    where expert_id = 'group'

)

select
    items.parent_key,
    items.node_key,
    items.member_key,
    coalesce(priorities.weight, 1) as weight

from items
left join priorities
    on
        items.index_code = priorities.index_code
        and items.parent_code = priorities.parent_code
        and items.item_code = priorities.item_code

{#- Neighbours of each enterprise in either direction. Those of a hub are not followed. -#}
{{ config(schema='restricted') }}

with

neighbours as (

    select
        exposed_key as enterprise_key,
        kind,
        counterparty_key as neighbour_key
    from {{ ref('int_neighbours__exposures') }}
    union
    select
        counterparty_key as enterprise_key,
        kind,
        exposed_key as neighbour_key
    from {{ ref('int_neighbours__exposures') }}

)

select
    enterprise_key,
    kind,
    count(*) as neighbours,
    count(*) > {{ link_setting('hub_degree') }} as is_hub

from neighbours
group by enterprise_key, kind

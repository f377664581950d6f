{#- Warned enterprises within two steps in the direction of loss. -#}
{{ config(schema='restricted', access='protected') }}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

nearby as (

    select * from {{ ref('int_neighbours__warned_nearby') }}

)

select
    nearby.enterprise_key,
    nearby.kind,
    nearby.level,
    as_of.as_of,
    nearby.warned_one_step,
    nearby.warned_two_steps,
    nearby.nearest_key,
    nearby.nearest_steps,
    nearby.path,
    nearby.path_kinds,
    {{ significant_digits('nearby.amount_at_risk') }} as amount_at_risk,
    nearby.links_without_amount,
    not nearby.is_hub and nearby.hubs = 0 as is_complete,
    case
        when nearby.is_hub
            then
                'more than {{ link_setting("hub_degree") }} neighbours (hub_degree): searched to '
                || 'one step'
        when nearby.hubs > 0
            then concat_ws(
                '',
                'not followed beyond ', cast(nearby.hubs as {{ dbt.type_string() }}),
                ' neighbour(s) with more than {{ link_setting("hub_degree") }} neighbours '
                || '(hub_degree)'
            )
    end as reason,
    enterprises.data_origin

from nearby
cross join as_of
inner join {{ ref('int_warnings__enterprises') }} as enterprises
    on nearby.enterprise_key = enterprises.enterprise_key
order by nearby.enterprise_key, nearby.kind, nearby.level_rank

{#- What each enterprise contributes to the published counts, by kind. -#}
{{ config(schema='restricted') }}

with

exposure as (

    select * from {{ ref('int_neighbours__warned_nearby') }}
    where level = 'any'

),

linked as (

    select distinct
        enterprise_key,
        kind
    from {{ ref('int_neighbours__degrees') }}

)

select
    linked.enterprise_key,
    linked.kind,
    enterprises.province_code,
    enterprises.data_origin,
    coalesce(exposure.warned_one_step, 0) > 0 as is_exposed,
    coalesce(exposure.warned_one_step, 0) + coalesce(exposure.warned_two_steps, 0) > 0
        as is_exposed_within_two,
    exposure.amount_at_risk

from linked
inner join {{ ref('int_warnings__enterprises') }} as enterprises
    on linked.enterprise_key = enterprises.enterprise_key
left join exposure
    on
        linked.enterprise_key = exposure.enterprise_key
        and linked.kind = exposure.kind

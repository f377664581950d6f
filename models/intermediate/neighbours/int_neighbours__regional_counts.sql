{#- Exposed enterprises by province and kind, and over all provinces (NULL), before suppression. -#}
{{ config(schema='restricted') }}

with

kinds as (

    {% for kind in allowed_values('enterprise_links.kind') %}
    select {{ sql_text(kind) }} as kind
    union all
    {%- endfor %}
    select 'any' as kind

),

enterprises as (

    select
        enterprise_key,
        province_code,
        data_origin
    from {{ ref('int_warnings__enterprises') }}
    where province_code is not null
    union all
    select
        enterprise_key,
        null as province_code,
        data_origin
    from {{ ref('int_warnings__enterprises') }}

),

sizes as (

    select
        province_code,
        data_origin,
        count(*) as enterprises
    from enterprises
    group by province_code, data_origin

),

exposed as (

    select
        enterprises.province_code,
        enterprises.data_origin,
        exposed.kind,
        count(*) as linked,
        sum(case when exposed.is_exposed then 1 else 0 end) as exposed,
        sum(case when exposed.is_exposed_within_two then 1 else 0 end) as exposed_within_two,
        count(exposed.amount_at_risk) as with_amount,
        sum(exposed.amount_at_risk) as amount_at_risk
    from {{ ref('int_neighbours__exposed') }} as exposed
    inner join enterprises
        on exposed.enterprise_key = enterprises.enterprise_key
    group by enterprises.province_code, enterprises.data_origin, exposed.kind

),

-- The amounts are also about the warned enterprises to whose failure others are exposed.
warned as (

    select
        enterprises.province_code,
        enterprises.data_origin,
        exposures.kind,
        count(distinct exposures.counterparty_key) as warned
    from {{ ref('int_neighbours__exposures') }} as exposures
    inner join {{ ref('int_neighbours__warned') }} as open_warnings
        on exposures.counterparty_key = open_warnings.enterprise_key
    inner join enterprises
        on exposures.exposed_key = enterprises.enterprise_key
    group by enterprises.province_code, enterprises.data_origin, exposures.kind

)

select
    sizes.province_code,
    sizes.data_origin,
    kinds.kind,
    sizes.enterprises,
    cast(coalesce(exposed.linked, 0) as {{ dbt.type_bigint() }}) as linked,
    cast(coalesce(exposed.exposed, 0) as {{ dbt.type_bigint() }}) as exposed,
    cast(coalesce(exposed.exposed_within_two, 0) as {{ dbt.type_bigint() }}) as exposed_within_two,
    cast(coalesce(exposed.with_amount, 0) as {{ dbt.type_bigint() }}) as with_amount,
    cast(coalesce(warned.warned, 0) as {{ dbt.type_bigint() }}) as warned,
    coalesce(exposed.amount_at_risk, 0) as amount_at_risk

from sizes
cross join kinds
left join exposed
    on
        sizes.province_code is not distinct from exposed.province_code
        and sizes.data_origin = exposed.data_origin
        and kinds.kind = exposed.kind
left join warned
    on
        sizes.province_code is not distinct from warned.province_code
        and sizes.data_origin = warned.data_origin
        and kinds.kind = warned.kind

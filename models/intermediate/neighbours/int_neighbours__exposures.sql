{#-
    Who loses if whom fails: the used links of each pair of enterprises, by kind and over all kinds (any).
    In every kind the enterprise of the column from_enterprise_id is the exposed one.
-#}
{{ config(schema='restricted') }}

with

links as (

    select * from {{ ref('int_neighbours__links') }}
    where status = 'used'

),

of_kinds as (

    select
        exposed_key,
        counterparty_key,
        kind,
        sum(exposure) as exposure,
        sum(share) as share,
        count(*) as links,
        count(*) - count(exposure) as links_without_amount,
        data_origin
    from links
    group by exposed_key, counterparty_key, kind, data_origin

)

select
    exposed_key,
    counterparty_key,
    kind,
    kind as kinds,
    exposure,
    share,
    links,
    links_without_amount,
    data_origin

from of_kinds
union all
select
    exposed_key,
    counterparty_key,
    'any' as kind,
    {{ dbt.listagg('kind', "' and '", 'order by kind') }} as kinds,
    sum(exposure) as exposure,
    cast(null as double) as share,
    cast(sum(links) as {{ dbt.type_bigint() }}) as links,
    cast(sum(links_without_amount) as {{ dbt.type_bigint() }}) as links_without_amount,
    data_origin

from of_kinds
group by exposed_key, counterparty_key, data_origin

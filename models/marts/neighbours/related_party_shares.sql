{#-
    Supplies between related parties over all capital flows of an enterprise. Related parties have a shareholding
    or a guarantee in force between them, in either direction.
-#}
{{ config(schema='restricted', access='protected') }}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

),

used as (

    select * from {{ ref('int_neighbours__links') }}
    where status = 'used'

),

both_ways as (

    select
        exposed_key as enterprise_key,
        counterparty_key as other_key,
        kind,
        amount
    from used
    union all
    select
        counterparty_key as enterprise_key,
        exposed_key as other_key,
        kind,
        amount
    from used

),

related as (

    select distinct
        enterprise_key,
        other_key
    from both_ways
    where kind in ('guarantee', 'shareholding')

),

supplies as (

    select
        related.enterprise_key,
        related.other_key,
        sum(both_ways.amount) as amount,
        count(both_ways.kind) - count(both_ways.amount) as supplies_without_amount
    from related
    left join both_ways
        on
            related.enterprise_key = both_ways.enterprise_key
            and related.other_key = both_ways.other_key
            and both_ways.kind = 'supply'
    group by related.enterprise_key, related.other_key

),

of_enterprises as (

    select
        enterprise_key,
        count(*) as related_parties,
        coalesce(sum(amount), 0) as related_supplies,
        sum(supplies_without_amount) as supplies_without_amount
    from supplies
    group by enterprise_key

),

compared as (

    select
        of_enterprises.*,
        flows.amount as flows,
        of_enterprises.related_supplies / nullif(cast(flows.amount as double), 0) as share
    from of_enterprises
    left join {{ ref('int_neighbours__flows') }} as flows
        on of_enterprises.enterprise_key = flows.enterprise_key

)

select
    compared.enterprise_key,
    as_of.as_of,
    compared.related_parties,
    {{ significant_digits('compared.related_supplies') }} as numerator,
    cast(compared.supplies_without_amount as {{ dbt.type_bigint() }}) as supplies_without_amount,
    cast(compared.flows as double) as denominator,
    {{ significant_digits('compared.share') }} as share,
    compared.share > 0.3 as above_30_percent,
    enterprises.data_origin

from compared
cross join as_of
inner join enterprises
    on compared.enterprise_key = enterprises.enterprise_key
order by compared.enterprise_key

{#- What limits the results, by enterprise. Messages name enterprises by key only. -#}
{{ config(schema='restricted', access='protected') }}

with

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

),

exposures as (

    select * from {{ ref('int_neighbours__exposures') }}

),

held as (

    select
        counterparty_key as enterprise_key,
        sum(share) as share,
        count(share) as holders
    from exposures
    where kind = 'shareholding'
    group by counterparty_key

),

findings as (

    select
        'shares_above_1' as code,
        enterprise_key,
        'shareholding' as kind,
        holders as n,
        concat_ws(
            '',
            'The shares that ', cast(holders as {{ dbt.type_string() }}),
            ' shareholder(s) hold of ', enterprise_key, ' add up to ',
            cast({{ significant_digits('share', 4) }} as {{ dbt.type_string() }}),
            ', more than 1. Correct the shares in enterprise_links, or end those that were sold '
            || '(valid_to). The links are used as they are.'
        ) as message
    from held
    -- Shares such as 0.1 are not exact in binary.
    where share > 1 + 1e-9
    union all
    select
        'amount_is_missing' as code,
        exposed_key as enterprise_key,
        kind,
        sum(links_without_amount) as n,
        concat_ws(
            '',
            cast(sum(links_without_amount) as {{ dbt.type_string() }}), ' ', kind,
            ' link(s) from ', exposed_key, ' have no amount',
            case when kind = 'shareholding' then ' and no share of a known capital' else '' end,
            '. They count as links, but are left out of amounts and scenarios. Add the amounts.'
        ) as message
    from exposures
    where
        kind <> 'any'
        and links_without_amount > 0
    group by exposed_key, kind
    union all
    select
        'capital_is_missing' as code,
        exposures.exposed_key as enterprise_key,
        'any' as kind,
        sum(exposures.links) as n,
        concat_ws(
            '',
            exposures.exposed_key, ' has no registered capital. Its ',
            cast(sum(exposures.links) as {{ dbt.type_string() }}),
            ' link(s) are left out of scenarios, since a loss cannot be compared with it. Correct '
            || 'registered_capital in enterprises.'
        ) as message
    from exposures
    inner join enterprises
        on exposures.exposed_key = enterprises.enterprise_key
    where
        exposures.kind = 'any'
        and enterprises.registered_capital is null
    group by exposures.exposed_key
    union all
    select
        'hub_is_not_expanded' as code,
        enterprise_key,
        kind,
        neighbours as n,
        concat_ws(
            '',
            enterprise_key, ' has ', cast(neighbours as {{ dbt.type_string() }}),
            ' neighbours (', kind, '), more than hub_degree, {{ link_setting("hub_degree") }}: '
            || 'no path goes through it. Set a larger hub_degree to follow them.'
        ) as message
    from {{ ref('int_neighbours__degrees') }}
    where is_hub

)

select
    'warning' as severity,
    findings.code,
    findings.enterprise_key,
    findings.kind,
    cast(findings.n as {{ dbt.type_bigint() }}) as n,
    findings.message,
    enterprises.data_origin

from findings
inner join enterprises
    on findings.enterprise_key = enterprises.enterprise_key
order by findings.code, findings.enterprise_key, findings.kind

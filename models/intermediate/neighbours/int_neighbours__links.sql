{#-
    Valid links with the keys of both ends, and whether they are used on the as-of date. Both ends must have
    consented: a link is a statement about each of them.
-#}
{{ config(schema='restricted') }}

with

quality_gate as (

    select * from {{ ref('int_quality__gate') }}

),

as_of as (

    select
        as_of,
        cast({{ dbt.dateadd('day', 1, 'as_of') }} as timestamp) as as_of_end
    from {{ ref('int_warnings__as_of') }}

),

links as (

    select * from {{ ref('int_neighbours__links_validated') }}
    where
        coalesce(
            from_fault, to_fault, kind_fault, amount_fault, share_fault, valid_from_fault,
            valid_to_fault, known_fault, key_fault
        ) is null

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

),

consents as (

    select
        enterprise_id,
        granted_at,
        withdrawn_at
    from {{ ref('int_warnings__consents') }}
    where data_class = 'links'

),

consented as (

    select distinct
        links.source_file,
        links.source_row
    from links
    {%- for side in ['from', 'to'] %}
    inner join consents as consents_{{ side }}
        on
            links.{{ side }}_enterprise_id = consents_{{ side }}.enterprise_id
            and links.known_at >= consents_{{ side }}.granted_at
            and (
                consents_{{ side }}.withdrawn_at is null
                or links.known_at < consents_{{ side }}.withdrawn_at
            )
    {%- endfor %}

),

keyed as (

    select
        links.*,
        exposed.enterprise_key as exposed_key,
        counterparties.enterprise_key as counterparty_key,
        counterparties.registered_capital as counterparty_capital,
        exposed.data_origin,
        consented.source_row is not null as is_consented,
        links.known_at < as_of.as_of_end as is_known,
        as_of.as_of
    from links
    cross join as_of
    cross join quality_gate
    inner join enterprises as exposed
        on links.from_enterprise_id = exposed.enterprise_id
    inner join enterprises as counterparties
        on links.to_enterprise_id = counterparties.enterprise_id
    left join consented
        on
            links.source_file = consented.source_file
            and links.source_row = consented.source_row

),

-- Of the records of one link the one that became known last counts.
numbered as (

    select
        *,
        row_number() over (
            partition by
                from_enterprise_id, to_enterprise_id, kind, valid_from, is_consented, is_known
            order by known_at desc, source_row asc
        ) as record_of_link
    from keyed

)

select
    exposed_key,
    counterparty_key,
    kind,
    amount,
    share,
    valid_from,
    valid_to,
    known_at,
    {{ case_by_value('enterprise_links.kind', 'kind', {
        'guarantee': 'amount',
        'shareholding': 'coalesce(amount, share * counterparty_capital)',
        'supply': 'amount * ' ~ link_setting('supply_days_unpaid') ~ ' / 365',
    }) }} as exposure,
    case
        when not is_consented then 'without_consent'
        when not is_known then 'known_later'
        when record_of_link > 1 then 'superseded'
        when valid_from > as_of then 'not_yet_valid'
        when valid_to < as_of then 'no_longer_valid'
        else 'used'
    end as status,
    data_origin,
    source_file,
    source_row

from numbered

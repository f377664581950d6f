{#- Records of enterprise_links with their faults. -#}
{{ config(schema='restricted') }}

{%- set time = 'is not a day such as 2020-02-29, with or without a time' %}

with

links as (

    select
        *,
        {{ to_number('amount') }} as amount_as_number,
        {{ to_number('share') }} as share_as_number,
        {{ to_moment('valid_from') }} as begins,
        {{ to_moment('valid_to') }} as ends,
        {{ to_moment('known_at') }} as known
    from {{ ref('stg_input__enterprise_links') }}

),

enterprises as (

    select enterprise_id
    from {{ ref('int_warnings__enterprises_validated') }}
    where enterprise_fault is null

),

assessed as (

    select
        links.from_enterprise_id,
        links.to_enterprise_id,
        links.kind,
        links.amount_as_number as amount,
        links.share_as_number as share,
        cast(links.begins as date) as valid_from,
        cast(links.ends as date) as valid_to,
        links.known as known_at,
        links.source_file,
        links.source_row,
        links.amount as amount_as_read,
        links.share as share_as_read,
        links.valid_from as valid_from_as_read,
        links.valid_to as valid_to_as_read,
        links.known_at as known_at_as_read,
        case
            when links.from_enterprise_id is null then 'from_enterprise_id is empty'
            when exposed.enterprise_id is null
                then 'from_enterprise_id is unknown: enterprises are listed in enterprises'
        end as from_fault,
        case
            when links.to_enterprise_id is null then 'to_enterprise_id is empty'
            when links.to_enterprise_id = links.from_enterprise_id
                then
                    'to_enterprise_id is from_enterprise_id: an enterprise has no link with '
                    || 'itself; correct one of them'
            when counterparties.enterprise_id is null
                then 'to_enterprise_id is unknown: enterprises are listed in enterprises'
        end as to_fault,
        case
            when
                links.kind is null
                or not {{ is_allowed_value('enterprise_links.kind', 'links.kind') }}
                then 'kind is not one of {{ allowed_values("enterprise_links.kind") | join(", ") }}'
        end as kind_fault,
        case
            when links.amount is not null and links.amount_as_number is null
                then 'amount is not a number of yuan; leave it empty if it is unknown'
            when links.amount_as_number < 0 then 'amount is negative'
            when links.amount_as_number >= 1e15 then 'amount is not below 10^15 yuan'
        end as amount_fault,
        case
            when links.share is not null and links.share_as_number is null
                then 'share is not a number; 0.3 is 30 %'
            when links.share_as_number < 0 then 'share is negative'
            when links.share_as_number > 1 then 'share is above 1; 0.3 is 30 %'
        end as share_fault,
        case when links.begins is null then 'valid_from {{ time }}' end as valid_from_fault,
        case
            when links.valid_to is not null and links.ends is null then 'valid_to {{ time }}'
            when links.ends < links.begins then 'valid_to is before valid_from'
        end as valid_to_fault,
        case
            when links.known_at is null
                then 'known_at is empty; it is the time from which the link was known'
            when links.known is null then 'known_at {{ time }}'
        end as known_fault

    from links
    left join enterprises as exposed
        on links.from_enterprise_id = exposed.enterprise_id
    left join enterprises as counterparties
        on links.to_enterprise_id = counterparties.enterprise_id

),

faulty as (

    select
        *,
        coalesce(
            from_fault, to_fault, kind_fault, amount_fault, share_fault, valid_from_fault,
            valid_to_fault, known_fault
        ) is not null as has_fault
    from assessed

),

-- Several records of one link are corrections if they became known at different times.
numbered as (

    select
        *,
        row_number() over (
            partition by
                from_enterprise_id, to_enterprise_id, kind, valid_from, known_at, has_fault
            order by source_row
        ) as record_of_key
    from faulty

)

select
    from_enterprise_id,
    to_enterprise_id,
    kind,
    amount,
    share,
    valid_from,
    valid_to,
    known_at,
    source_file,
    source_row,
    amount_as_read,
    share_as_read,
    valid_from_as_read,
    valid_to_as_read,
    known_at_as_read,
    from_fault,
    to_fault,
    kind_fault,
    amount_fault,
    share_fault,
    valid_from_fault,
    valid_to_fault,
    known_fault,
    case
        when not has_fault and record_of_key > 1
            then
                'the link is already in an earlier row, with the same kind, valid_from and '
                || 'known_at; keep the correct record'
    end as key_fault

from numbered

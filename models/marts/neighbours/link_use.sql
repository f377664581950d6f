with

gate as (

    select * from {{ ref('int_quality__gate') }}

),

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

links as (

    select
        kind,
        status
    from {{ ref('int_neighbours__links') }}
    union all
    -- An unknown kind is a text of the input, which is not published.
    select
        coalesce({{ allowed_value_or_null('enterprise_links.kind', 'records.kind') }}, 'unknown')
            as kind,
        'quarantined' as status
    from {{ ref('int_neighbours__quarantined') }} as quarantined
    inner join {{ ref('int_neighbours__links_validated') }} as records
        on
            quarantined.source_file = records.source_file
            and quarantined.source_row = records.source_row

)

select
    links.kind,
    links.status,
    as_of.as_of,
    count(*) as links

from links
cross join gate
cross join as_of
group by links.kind, links.status, as_of.as_of

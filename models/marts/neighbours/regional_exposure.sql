with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

counts as (

    select * from {{ ref('int_neighbours__regional_counts') }}

),

regions as (

    select * from {{ ref('int_neighbours__regions') }}
    where is_listed

)

select
    counts.province_code,
    counts.kind,
    as_of.as_of,
    {%- for count in ['enterprises', 'linked', 'exposed', 'exposed_within_two'] %}
    case when regions.is_published then counts.{{ count }} end as {{ count }},
    {%- endfor %}
    case
        when regions.is_published
            then {{ significant_digits('cast(counts.exposed as double) / counts.enterprises') }}
    end as share_exposed,
    case
        when regions.is_published then {{ significant_digits('counts.amount_at_risk', 9) }}
    end as amount_at_risk,
    not regions.is_published as is_suppressed,
    counts.data_origin

from counts
cross join as_of
inner join regions
    on
        counts.province_code = regions.province_code
        and counts.data_origin = regions.data_origin

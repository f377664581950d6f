with

counts as (

    select * from {{ ref('int_warnings__regional_counts') }}

),

regions as (

    select * from {{ ref('int_warnings__regions') }}
    where is_listed

)

select
    counts.province_code,
    cast(extract(year from counts.month_begin) as {{ dbt.type_int() }}) as period,
    counts.month_begin as month,
    counts.level,
    case when regions.is_published then counts.enterprises end as enterprises,
    case when regions.is_published then counts.warned end as warned,
    case
        when regions.is_published
            then {{ significant_digits('cast(counts.warned as double) / counts.enterprises') }}
    end as share_warned,
    not regions.is_published as is_suppressed,
    counts.data_origin

from counts
inner join regions
    on
        counts.province_code = regions.province_code
        and counts.data_origin = regions.data_origin

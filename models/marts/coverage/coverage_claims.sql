{#-
    Values over all provinces and sizes of the first or last month, or of the pair of regions that a claim
    names.
-#}
with

claims as (

    select * from {{ ref('song_liu_2025_coverage') }}

),

published as (

    select
        number_code,
        table_ref,
        value,
        sentence
    from {{ ref('song_liu_2025_text') }}

),

coverage as (

    select
        group_code,
        share,
        {{ adapter.quote('month') }} as coverage_month,
        data_origin,
        row_number() over (
            partition by group_code
            order by {{ adapter.quote('month') }}
        ) as number_from_first,
        row_number() over (
            partition by group_code
            order by {{ adapter.quote('month') }} desc
        ) as number_from_last
    from {{ ref('credit_coverage') }}
    where
        province_code = 'all'
        and size_class = 'all'

),

recognition as (

    select
        region_1,
        region_2,
        share_exact,
        as_of,
        data_origin
    from {{ ref('rating_recognition') }}
    where agency_1 = 'all'

)

select
    claims.claim_code,
    published.table_ref as section,
    published.sentence,
    claims.meaning,
    claims.computed_from,
    published.value / 100 as published_share,
    coalesce(coverage.share, recognition.share_exact) as computed_share,
    coalesce(coverage.coverage_month, recognition.as_of) as computed_for,
    claims.caveat,
    coalesce(coverage.data_origin, recognition.data_origin) as data_origin

from claims
inner join published
    on claims.number_code = published.number_code
left join coverage
    on
        claims.group_code = coverage.group_code
        and case
            when claims.moment = 'first' then coverage.number_from_first
            when claims.moment = 'last' then coverage.number_from_last
        end = 1
left join recognition
    on
        claims.region_1 = recognition.region_1
        and claims.region_2 = recognition.region_2

{#-
    The latest grade of every enterprise on the as-of date, by region and agency, and by region alone (agency 'all'). Of two
    grades given at the same time the worse one counts. An enterprise needs a consent for the class `ratings` in force
    on that day.
-#}
{{ config(schema='restricted') }}

with

consents as (

    select
        enterprise_id,
        granted_at,
        withdrawn_at
    from {{ ref('int_warnings__consents') }}
    where data_class = 'ratings'

),

consented as (

    select distinct register.enterprise_id
    from {{ ref('int_coverage__register') }} as register
    cross join {{ ref('int_warnings__as_of') }} as as_of
    inner join consents
        on
            register.enterprise_id = consents.enterprise_id
            and consents.granted_at < {{ dbt.dateadd('day', 1, 'as_of.as_of') }}
            and (
                consents.withdrawn_at is null
                or consents.withdrawn_at >= {{ dbt.dateadd('day', 1, 'as_of.as_of') }}
            )

),

ratings as (

    select
        register.enterprise_key,
        ratings.agency,
        ratings.region,
        ratings.scale,
        ratings.notch,
        ratings.rated_at,
        register.data_origin
    from {{ ref('int_coverage__ratings_validated') }} as ratings
    cross join {{ ref('int_warnings__as_of') }} as as_of
    inner join consented
        on ratings.enterprise_id = consented.enterprise_id
    inner join {{ ref('int_coverage__register') }} as register
        on ratings.enterprise_id = register.enterprise_id
    where
        coalesce(
            ratings.enterprise_fault, ratings.agency_fault, ratings.region_fault,
            ratings.grade_fault, ratings.rated_fault
        ) is null
        and ratings.rated_at < {{ dbt.dateadd('day', 1, 'as_of.as_of') }}

),

by_agency as (

    select * from ratings
    union all
    select
        enterprise_key,
        'all' as agency,
        region,
        scale,
        notch,
        rated_at,
        data_origin
    from ratings

),

ordered as (

    select
        *,
        row_number() over (
            partition by enterprise_key, agency, region, scale
            order by rated_at desc, notch desc
        ) as place
    from by_agency

)

select
    enterprise_key,
    agency,
    region,
    scale,
    notch,
    rated_at,
    data_origin

from ordered
where place = 1

{#- Records of ratings with their faults. -#}
{{ config(schema='restricted') }}

with

ratings as (

    select
        *,
        {{ to_moment('rated_at') }} as rated,
        row_number() over (
            partition by enterprise_id, agency, region, scale, rated_at
            order by source_row
        ) as record_of_key
    from {{ ref('stg_input__ratings') }}

),

enterprises as (

    select enterprise_id
    from {{ ref('int_warnings__enterprises_validated') }}
    where enterprise_fault is null

),

units as (

    select distinct unit_id
    from {{ ref('stg_input__units') }}

),

scales as (

    select
        grade,
        min(scale) as scale,
        count(*) as n_scales
    from {{ ref('int_coverage__grades') }}
    group by grade

)

select
    ratings.enterprise_id,
    ratings.agency,
    ratings.region,
    coalesce(ratings.scale, scales.scale) as scale,
    grades.notch,
    ratings.rated as rated_at,
    ratings.source_file,
    ratings.source_row,
    ratings.grade as grade_as_read,
    ratings.rated_at as rated_at_as_read,
    case
        when ratings.enterprise_id is null then 'enterprise_id is empty'
        when enterprises.enterprise_id is null
            then 'enterprise_id is unknown: enterprises are listed in enterprises'
    end as enterprise_fault,
    case
        when ratings.agency is null then 'agency is empty'
        when ratings.agency = 'all'
            then 'agency is all, which stands for all agencies; give the agency another name'
    end as agency_fault,
    case
        when ratings.region is null then 'region is empty'
        when units.unit_id is null then 'region is not a unit_id of the table units'
    end as region_fault,
    case
        when ratings.grade is null then 'grade is empty'
        when ratings.scale is null and scales.n_scales > 1
            then 'grade is in several scales of rating_grades; name one in the column scale'
        when grades.notch is null and ratings.scale is null
            then 'grade is unknown: grades are listed in rating_grades'
        when grades.notch is null
            then 'grade is not in the scale of its row: grades are listed in rating_grades'
    end as grade_fault,
    case
        when ratings.rated is null
            then 'rated_at is not a day such as 2020-02-29, with or without a time'
        when ratings.record_of_key > 1
            then
                'rated_at is already in an earlier row of this enterprise, agency and region; keep '
                || 'the correct record'
    end as rated_fault

from ratings
left join enterprises
    on ratings.enterprise_id = enterprises.enterprise_id
left join units
    on ratings.region = units.unit_id
left join scales
    on ratings.grade = scales.grade
left join {{ ref('int_coverage__grades') }} as grades
    on
        ratings.grade = grades.grade
        and coalesce(ratings.scale, scales.scale) = grades.scale

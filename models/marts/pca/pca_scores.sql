with

scores as (

    select * from {{ ref('int_pca__scores') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

)

select
    scores.analysis_code,
    scores.component,
    units.unit_id,
    scores.period,
    {{ significant_digits('scores.score') }} as score

from scores
inner join units
    on scores.unit_key = units.unit_key

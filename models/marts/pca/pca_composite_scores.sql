with

scores as (

    select * from {{ ref('int_pca__composite_scores') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

)

select
    scores.analysis_code,
    scores.n_components,
    units.unit_id,
    scores.period,
    scores.score

from scores
inner join units
    on scores.unit_key = units.unit_key

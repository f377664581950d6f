{%- set band = var('rank_band') | int %}

with

ranks as (

    select * from {{ ref('int_cross_check__ranks') }}
    where n_components = 1

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

origins as (

    select * from {{ ref('int_index__origins') }}

)

select
    ranks.analysis_code,
    ranks.index_code,
    units.unit_id,
    units.name_en as unit_name,
    units.name_zh as unit_name_zh,
    ranks.period,
    ranks.official_score,
    ranks.official_rank,
    ranks.component_score as z1,
    -- Lin & Gu (2015), caption of figure 2.
    {{ significant_digits('-11 * ranks.component_score + 61') }} as z1_score,
    ranks.component_rank as z1_rank,
    ranks.official_rank - ranks.component_rank as rank_difference,
    count(*) over (
        partition by ranks.analysis_code, ranks.period
        order by ranks.official_rank
        range between {{ band }} preceding and {{ band }} following
    ) - 1 as n_not_told_apart,
    origins.data_origin

from ranks
inner join units
    on ranks.unit_key = units.unit_key
inner join indices
    on ranks.index_code = indices.index_code
inner join origins
    on indices.index_key = origins.index_key

with

node_scores as (

    select * from {{ ref('int_index__node_scores') }}
    where parent_key is null

),

weights as (

    select * from {{ ref('int_index__weights') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

origins as (

    select * from {{ ref('int_index__origins') }}

),

schemes as (

    select distinct
        index_key,
        scheme
    from weights

),

unpivoted as (

    select
        node_scores.index_key,
        schemes.scheme,
        node_scores.unit_key,
        node_scores.period,
        node_scores.imputed_cells,
        {{ significant_digits(scheme_score('node_scores', 'schemes.scheme')) }} as score
    from node_scores
    inner join schemes
        on node_scores.index_key = schemes.index_key

),

ranked as (

    select
        *,
        rank() over (
            partition by index_key, scheme, period
            order by score desc nulls last
        ) as rank_in_period,
        rank() over (
            partition by index_key, scheme
            order by score desc nulls last
        ) as rank_in_all
    from unpivoted

)

select
    indices.index_code,
    ranked.scheme,
    units.unit_id,
    units.name_en as unit_name,
    units.name_zh as unit_name_zh,
    units.region,
    ranked.period,
    ranked.score,
    case when ranked.score is not null then ranked.rank_in_period end
        as {{ adapter.quote('rank') }},
    case when ranked.score is not null then ranked.rank_in_all end as rank_overall,
    ranked.imputed_cells,
    origins.data_origin

from ranked
inner join indices
    on ranked.index_key = indices.index_key
inner join units
    on ranked.unit_key = units.unit_key
inner join origins
    on ranked.index_key = origins.index_key

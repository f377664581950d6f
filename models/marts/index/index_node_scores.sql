with

node_scores as (

    select * from {{ ref('int_index__node_scores') }}

),

weights as (

    select * from {{ ref('int_index__weights') }}

),

nodes as (

    select * from {{ ref('int_catalog__nodes') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

schemes as (

    select distinct
        index_key,
        scheme
    from weights

)

select
    nodes.index_code,
    schemes.scheme,
    nodes.node_code,
    nodes.name_en as node_name,
    units.unit_id,
    node_scores.period,
    {{ significant_digits(scheme_score('node_scores', 'schemes.scheme')) }} as score

from node_scores
inner join schemes
    on node_scores.index_key = schemes.index_key
inner join nodes
    on node_scores.node_key = nodes.node_key
inner join units
    on node_scores.unit_key = units.unit_key

with

members as (

    select * from {{ ref('int_catalog__index_indicators') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

availability as (

    select * from {{ ref('int_index__data_availability') }}

),

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

)

select
    members.member_key,
    members.index_key,
    members.indicator_key,
    members.node_key,
    members.index_code,
    members.indicator_code,
    members.node_code,
    members.direction,
    members.fixed_weight,
    members.lower_goalpost,
    members.upper_goalpost,
    members.missing_policy,
    indicators.presence_block,
    indicators.presence_bit,
    indices.normalization,
    indices.score_base,
    indices.score_span,
    indices.aggregation,
    {{ case_by_value('indices.frame', 'indices.frame', {
        'pooled': 'false', 'by_period': 'true',
    }) }} as is_by_period,
    indices.reference_last_period

from members
inner join availability
    on
        members.index_key = availability.index_key
        and availability.has_complete_data
inner join indices
    on members.index_key = indices.index_key
inner join indicators
    on members.indicator_key = indicators.indicator_key
where members.node_key is not null

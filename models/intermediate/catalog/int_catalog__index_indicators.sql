with

index_indicators as (

    select *
    from {{ first_records(
        ref('stg_input__index_indicators'), ['index_code', 'indicator_code']
    ) }} as members

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

),

nodes as (

    select * from {{ ref('int_catalog__nodes') }}

)

select
    indices.index_key,
    indicators.indicator_key,
    nodes.node_key,
    cast(
        row_number() over (order by indices.index_key, index_indicators.indicator_code)
        as {{ dbt.type_int() }}
    ) as member_key,
    index_indicators.index_code,
    index_indicators.indicator_code,
    index_indicators.node_code,
    {{ allowed_value_or_null(
        'index_indicators.direction', to_integer('index_indicators.direction')
    ) }} as direction,
    {{ to_number('index_indicators.fixed_weight') }} as fixed_weight,
    {{ to_number('index_indicators.lower_goalpost') }} as lower_goalpost,
    {{ to_number('index_indicators.upper_goalpost') }} as upper_goalpost,
    indicators.missing_policy

from index_indicators
left join indices
    on index_indicators.index_code = indices.index_code
left join indicators
    on index_indicators.indicator_code = indicators.indicator_code
left join nodes
    on
        index_indicators.index_code = nodes.index_code
        and index_indicators.node_code = nodes.node_code

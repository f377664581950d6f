{{ config(materialized='view') }}

with

figures as (

    select
        unit_key,
        period,
        indicator_key,
        value
    from {{ ref('int_observations__accepted') }}
    union all
    select
        unit_key,
        period,
        indicator_key,
        value
    from {{ ref('int_observations__derived') }}

),

indicators as (

    select * from {{ ref('int_quality__indicators') }}

)

select
    figures.unit_key,
    figures.period,
    figures.indicator_key,
    figures.value

from figures
inner join indicators
    on figures.indicator_key = indicators.indicator_key

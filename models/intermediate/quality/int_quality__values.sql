{{ config(materialized='view') }}

with

observed_values as (

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
    observed_values.unit_key,
    observed_values.period,
    observed_values.indicator_key,
    observed_values.value

from observed_values
inner join indicators
    on observed_values.indicator_key = indicators.indicator_key

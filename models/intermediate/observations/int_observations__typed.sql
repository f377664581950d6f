{{ config(materialized='view') }}

with

observations as (

    select * from {{ ref('int_observations__read') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

)

select
    observations.unit_id,
    observations.indicator_code,
    observations.period,
    observations.value,
    observations.period_as_read,
    observations.value_as_read,
    observations.source,
    observations.source_file,
    observations.source_row,
    units.unit_key,
    indicators.indicator_key,
    indicators.presence_block,
    indicators.presence_bit,
    indicators.lower_bound,
    indicators.upper_bound,
    coalesce(
        units.unit_key is not null
        and indicators.indicator_key is not null
        and observations.period is not null
        and observations.value is not null
        and (indicators.lower_bound is null or observations.value >= indicators.lower_bound)
        and (indicators.upper_bound is null or observations.value <= indicators.upper_bound),
        false
    ) as is_accepted

from observations
left join units
    on observations.unit_id = units.unit_id
left join indicators
    on observations.indicator_code = indicators.indicator_code

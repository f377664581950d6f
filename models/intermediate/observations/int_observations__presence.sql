with

accepted as (

    select * from {{ ref('int_observations__accepted') }}

),

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

)

select
    accepted.unit_key,
    accepted.period,
    indicators.presence_block,
    bit_or(indicators.presence_bit) as present_bits,
    sum(indicators.presence_bit) as summed_bits

from accepted
inner join indicators
    on accepted.indicator_key = indicators.indicator_key
group by accepted.unit_key, accepted.period, indicators.presence_block

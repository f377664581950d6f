{#- From the bits of presence, so that the observations are not read again. -#}
with

presence as (

    select
        period,
        presence_block,
        bit_or(present_bits) as present_bits
    from {{ ref('int_observations__presence') }}
    group by period, presence_block

),

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

)

select
    indicators.indicator_key,
    presence.period

from presence
inner join indicators
    on
        presence.presence_block = indicators.presence_block
        and (presence.present_bits & indicators.presence_bit) <> 0

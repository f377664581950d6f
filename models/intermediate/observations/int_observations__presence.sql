with

accepted as (

    select * from {{ ref('int_observations__accepted') }}

)

select
    unit_key,
    period,
    presence_block,
    bit_or(presence_bit) as present_bits,
    sum(presence_bit) as summed_bits

from accepted
group by unit_key, period, presence_block

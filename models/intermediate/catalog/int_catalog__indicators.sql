with

indicators as (

    select
        *,
        row_number() over (order by indicator_code) - 1 as position
    from {{ first_records(ref('stg_input__indicators'), ['indicator_code']) }} as indicators

)

select
    cast(position + 1 as {{ dbt.type_int() }}) as indicator_key,
    -- The observed cells of a unit and period are stored as sums of bits, sixty indicators a
    -- block.
    cast(floor(position / 60) as {{ dbt.type_int() }}) as presence_block,
    cast(power(2, position - 60 * floor(position / 60)) as {{ dbt.type_bigint() }}) as presence_bit,
    indicator_code,
    name_en,
    name_zh,
    unit,
    source_agency,
    data_origin,
    citation,
    {{ to_number('lower_bound') }} as lower_bound,
    {{ to_number('upper_bound') }} as upper_bound,
    {{ allowed_value_or_null('indicators.missing_policy', 'missing_policy') }} as missing_policy,
    {{ to_number('range_factor') }} as range_factor,
    origin

from indicators

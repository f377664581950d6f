with

units as (

    select * from {{ first_records(ref('stg_input__units'), ['unit_id']) }} as units

)

select
    cast(row_number() over (order by unit_id) as {{ dbt.type_int() }}) as unit_key,
    unit_id,
    name_en,
    name_zh,
    region,
    origin

from units

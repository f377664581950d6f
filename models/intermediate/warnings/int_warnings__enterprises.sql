{{ config(schema='restricted') }}

with

gate as (

    select * from {{ ref('int_input__gate') }}

),

validated as (

    select * from {{ ref('int_warnings__enterprises_validated') }}
    where enterprise_fault is null

)

select
    {{ pseudonym('validated.enterprise_id', 'validated.origin') }} as enterprise_key,
    validated.enterprise_id,
    validated.name,
    validated.province_code,
    validated.city,
    validated.industry,
    validated.registered_capital,
    validated.exposure,
    case when validated.origin = 'seed' then 'synthetic' else 'user' end as data_origin

from validated
cross join gate

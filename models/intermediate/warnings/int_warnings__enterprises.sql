{{ config(schema='restricted') }}

with

gate as (

    select * from {{ ref('int_input__gate') }}

),

judged as (

    select * from {{ ref('int_warnings__enterprises_judged') }}
    where enterprise_fault is null

)

select
    {{ pseudonym('judged.enterprise_id', 'judged.origin') }} as enterprise_key,
    judged.enterprise_id,
    judged.name,
    judged.province_code,
    judged.city,
    judged.industry,
    judged.registered_capital,
    case when judged.origin = 'seed' then 'synthetic' else 'user' end as data_origin

from judged
cross join gate

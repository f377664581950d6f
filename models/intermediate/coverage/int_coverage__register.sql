{#-
    Enterprises with what the coverage needs. An enterprise without a valid province or capital is of the province or
    class `unknown`, so that every enterprise is of exactly one of each (decision 0031). Numbers instead of keys, since
    the changes by month hold millions of them.
-#}
{{ config(schema='restricted') }}

with

input_gate as (

    select * from {{ ref('int_coverage__gate') }}

),

quality_gate as (

    select * from {{ ref('int_quality__gate') }}

)

select
    cast(
        row_number() over (order by enterprises.enterprise_key) as {{ dbt.type_int() }}
    ) as enterprise_number,
    enterprises.enterprise_key,
    enterprises.enterprise_id,
    coalesce(enterprises.province_code, 'unknown') as province_code,
    {{ size_class('enterprises.registered_capital') }} as size_class,
    validated.registered_on,
    validated.closed_on,
    enterprises.data_origin

from {{ ref('int_warnings__enterprises') }} as enterprises
cross join input_gate
cross join quality_gate
inner join {{ ref('int_warnings__enterprises_validated') }} as validated
    on enterprises.enterprise_id = validated.enterprise_id
where validated.enterprise_fault is null

with

specs as (

    select * from {{ first_records(ref('stg_input__panel_specs'), ['spec_code']) }} as specs

)

select
    spec_code,
    table_code,
    title,
    formula,
    coalesce(sample_region, '') as sample_region,
    coalesce({{ adapter.quote('cluster') }}, '') as {{ adapter.quote('cluster') }}

from specs

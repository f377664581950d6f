with

specs as (

    select * from {{ first_records(ref('stg_input__panel_specs'), ['spec_code']) }} as specs

)

select
    spec_code,
    row_number() over (order by source_row) as spec_number,
    table_code,
    title,
    formula,
    coalesce(sample_region, '') as sample_region,
    coalesce({{ adapter.quote('cluster') }}, '') as {{ adapter.quote('cluster') }}

from specs

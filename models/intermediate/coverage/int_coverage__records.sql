{#- Valid records, by the number of the enterprise. -#}
{{ config(schema='restricted') }}

select
    register.enterprise_number,
    validated.kind,
    validated.first_day,
    validated.last_day,
    validated.source_file,
    validated.source_row

from {{ ref('int_coverage__records_validated') }} as validated
inner join {{ ref('int_coverage__register') }} as register
    on validated.enterprise_id = register.enterprise_id
where
    coalesce(
        validated.enterprise_fault, validated.source_fault, validated.kind_fault,
        validated.first_fault, validated.last_fault
    ) is null

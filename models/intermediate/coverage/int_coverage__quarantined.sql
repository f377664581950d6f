{{ config(schema='restricted') }}

{%- set record_cells = [
    ('enterprise_fault', 'enterprise_id', 'enterprise_id'),
    ('source_fault', 'source', 'source'),
    ('kind_fault', 'kind', 'kind'),
    ('first_fault', 'first_day', 'first_day_as_read'),
    ('last_fault', 'last_day', 'last_day_as_read'),
] %}
{%- set rating_cells = [
    ('enterprise_fault', 'enterprise_id', 'enterprise_id'),
    ('agency_fault', 'agency', 'agency'),
    ('region_fault', 'region', 'region'),
    ('grade_fault', 'grade', 'grade_as_read'),
    ('rated_fault', 'rated_at', 'rated_at_as_read'),
] %}

with

records as (

    {{ faulty_records(ref('int_coverage__records_validated'), record_cells) }}

),

ratings as (

    {{ faulty_records(ref('int_coverage__ratings_validated'), rating_cells) }}

),

unioned as (

    select * from records
    union all
    select * from ratings

)

select * from unioned

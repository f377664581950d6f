-- A warning, not an error: one row per failed expectation.
{{ config(severity='warn') }}

select * from {{ ref('data_quality_results') }}
where
    not success
    and severity = 'warning'

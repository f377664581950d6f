-- A warning, not an error: one row per expectation that is not met.
{{ config(severity='warn') }}

select * from {{ ref('data_quality_results') }}
where
    not success
    and severity = 'warning'

-- A warning, not an error: one row per row of quality.input_warnings.
{{ config(severity='warn') }}

select * from {{ ref('input_warnings') }}

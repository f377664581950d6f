-- A warning, not an error: what it counts is in quality.input_warnings.
{{ config(severity='warn') }}

select * from {{ ref('input_warnings') }}

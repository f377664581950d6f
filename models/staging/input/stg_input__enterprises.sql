{#- Synthetic enterprises have no place beside figures of the user's own. -#}
{{ config(materialized='table', schema='restricted') }}

with

read as (

    {{ input_rows('enterprises', ref('synthetic_enterprises'), instead='observations') }}

)

select * from read

{#- The shipped synthetic enterprises are not used if the user supplies observations. -#}
{{ config(materialized='table', schema='restricted') }}

with

read as (

    {{ input_rows('enterprises', ref('synthetic_enterprises'), instead='observations') }}

)

select * from read

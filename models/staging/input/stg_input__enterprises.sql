{{ config(materialized='table', schema='restricted') }}

with

read as (

    {{ input_rows('enterprises', ref('synthetic_enterprises')) }}

)

select * from read

{{ config(materialized='table') }}

with

read as (

    {{ input_rows('panel_specs', ref('panel_specs')) }}

)

select * from read

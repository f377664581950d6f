{{ config(materialized='table') }}

with

read as (

    {{ input_rows('panel_variables', ref('panel_variables')) }}

)

select * from read

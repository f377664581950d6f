{{ config(materialized='table') }}

with

read as (

    {{ input_rows('warning_levels', ref('warning_levels')) }}

)

select * from read

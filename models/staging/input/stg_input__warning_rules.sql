{{ config(materialized='table') }}

with

read as (

    {{ input_rows('warning_rules', ref('warning_rules')) }}

)

select * from read

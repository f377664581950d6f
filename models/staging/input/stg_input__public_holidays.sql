{{ config(materialized='table') }}

with

read as (

    {{ input_rows('public_holidays', ref('public_holidays')) }}

)

select * from read

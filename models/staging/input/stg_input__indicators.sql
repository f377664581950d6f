{{ config(materialized='table') }}

with

read as (

    {{ input_rows('indicators', ref('indicators')) }}

)

select * from read

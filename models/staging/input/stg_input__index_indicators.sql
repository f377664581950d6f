{{ config(materialized='table') }}

with

read as (

    {{ input_rows('index_indicators', ref('index_indicators')) }}

)

select * from read

{{ config(materialized='table') }}

with

read as (

    {{ input_rows('units', ref('units')) }}

)

select * from read

{{ config(materialized='table') }}

with

read as (

    {{ input_rows('indices', ref('indices')) }}

)

select * from read

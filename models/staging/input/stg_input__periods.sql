{{ config(materialized='table') }}

with

read as (

    {{ input_rows('periods', ref('periods')) }}

)

select * from read

{{ config(materialized='table') }}

with

read as (

    {{ input_rows('index_nodes', ref('index_nodes')) }}

)

select * from read

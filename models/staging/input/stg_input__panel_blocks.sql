{{ config(materialized='table') }}

with

read as (

    {{ input_rows('panel_blocks', ref('panel_blocks')) }}

)

select * from read

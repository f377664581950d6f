{{ config(materialized='table') }}

with

read as (

    {{ input_rows('ahp_judgements', ref('ahp_judgements')) }}

)

select * from read

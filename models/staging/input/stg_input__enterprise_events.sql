{{ config(materialized='table', schema='restricted') }}

with

read as (

    {{ input_rows('enterprise_events', ref('synthetic_enterprise_events'), instead='observations') }}

)

select * from read

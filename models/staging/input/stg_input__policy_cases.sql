{{ config(materialized='table') }}

with

read as (

    {{ input_rows('policy_cases', ref('policy_cases')) }}

)

select * from read

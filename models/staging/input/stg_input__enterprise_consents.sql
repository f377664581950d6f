{{ config(materialized='table', schema='restricted') }}

with

read as (

    {{ input_rows('enterprise_consents', ref('synthetic_enterprise_consents'), instead='observations') }}

)

select * from read

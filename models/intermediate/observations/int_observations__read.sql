{{ config(materialized='view') }}

with

read as (

    {{ observation_rows(ref('stg_shipped__observations')) }}

)

select * from read

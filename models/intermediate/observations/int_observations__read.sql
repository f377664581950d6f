{{ config(materialized='view') }}

with

read as (

    {{ observation_rows(ref('stg_shipped__observations'), ref('int_observations__csv')) }}

)

select * from read

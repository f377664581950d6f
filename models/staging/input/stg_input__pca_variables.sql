{{ config(materialized='table') }}

with

read as (

    {{ input_rows('pca_variables', ref('pca_variables')) }}

)

select * from read

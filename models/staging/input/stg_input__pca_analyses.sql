{{ config(materialized='table') }}

with

read as (

    {{ input_rows('pca_analyses', ref('pca_analyses')) }}

)

select * from read

{{ config(schema='restricted', access='protected') }}

with

gate as (

    select * from {{ ref('int_quality__gate') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

)

select
    enterprises.enterprise_key,
    enterprises.enterprise_id,
    enterprises.name,
    enterprises.province_code,
    enterprises.city,
    enterprises.industry,
    enterprises.registered_capital,
    enterprises.data_origin

from enterprises
cross join gate

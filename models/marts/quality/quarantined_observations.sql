{{ config(schema='quality') }}

with

quarantined as (

    select * from {{ ref('int_observations__quarantined') }}

)

select
    source_file,
    source_row,
    column_name,
    value,
    reason

from quarantined

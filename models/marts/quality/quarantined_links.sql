{#-
    Published, so it contains no text of the input. The record is at source_row, and its cell in
    restricted.int_neighbours__quarantined.
-#}
{{ config(schema='quality') }}

with

gate as (

    select * from {{ ref('int_input__gate') }}

),

quarantined as (

    select * from {{ ref('int_neighbours__quarantined') }}

)

select
    quarantined.source_file,
    quarantined.source_row,
    quarantined.column_name,
    cast(null as {{ dbt.type_string() }}) as value,
    quarantined.reason

from quarantined
cross join gate

{#- An enterprise_id is shown in part: the whole record stands where source_row says. -#}
{{ config(schema='quality') }}

with

gate as (

    select * from {{ ref('int_input__gate') }}

),

quarantined as (

    select * from {{ ref('int_warnings__quarantined') }}

)

select
    quarantined.source_file,
    quarantined.source_row,
    quarantined.column_name,
    case
        when quarantined.column_name = 'enterprise_id' and length(quarantined.value) > 4
            then concat(substring(quarantined.value, 1, 2), '…', right(quarantined.value, 2))
        else quarantined.value
    end as value,
    quarantined.reason

from quarantined
cross join gate

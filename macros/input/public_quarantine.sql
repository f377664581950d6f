{#-
    Quarantined records for a public table, without any text of the input. The record is at source_row, and its cell in
    the restricted relation `quarantined`. `gate` stops the build before.
-#}
{% macro public_quarantine(quarantined, gate) -%}
    select
        quarantined.source_file,
        quarantined.source_row,
        quarantined.column_name,
        cast(null as {{ dbt.type_string() }}) as value,
        quarantined.reason
    from {{ quarantined }} as quarantined
    cross join {{ gate }} as gate
{%- endmacro %}

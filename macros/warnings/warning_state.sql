{#-
    A table of the early warning's state (src/credit_indices/early_warning/sql/layout.sql), after the events of this run
    have been loaded into it.
-#}
{% macro warning_state(table) -%}
    {%- do ref('int_warnings__as_of') -%}
    {{ source('early_warning', table) }}
{%- endmacro %}

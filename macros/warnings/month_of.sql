{#- The month of a date or timestamp, such as 2021-03. -#}
{% macro month_of(moment) -%}
    substring(cast(cast({{ moment }} as date) as {{ dbt.type_string() }}), 1, 7)
{%- endmacro %}

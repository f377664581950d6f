{#- True if a column holds a value of an enumeration. NULL if the column is empty. -#}
{% macro is_allowed_value(enumeration, column) -%}
    {{ column }} in ('{{ credit_indices.allowed_values(enumeration) | join("', '") }}')
{%- endmacro %}

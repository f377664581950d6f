{#-
    The value of a column if the enumeration has it, else NULL. Catalog models pass on only known values; the gate
    reports the others, and no model uses them.
-#}
{% macro allowed_value_or_null(enumeration, column) -%}
    case when {{ credit_indices.is_allowed_value(enumeration, column) }} then {{ column }} end
{%- endmacro %}

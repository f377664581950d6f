{#-
    The value of a column if the enumeration has it, else NULL. Catalog models pass on only known values; the gate
    reports the others, and no model uses them.
-#}
{% macro known_word(enumeration, column) -%}
    case when {{ credit_indices.is_word_of(enumeration, column) }} then {{ column }} end
{%- endmacro %}

{#-
    The word of a column where the enumeration has it, else NULL. Catalog models pass only known words on: the
    gate names the others, and nothing computes with them.
-#}
{% macro known_word(enumeration, column) -%}
    case when {{ credit_indices.is_word_of(enumeration, column) }} then {{ column }} end
{%- endmacro %}

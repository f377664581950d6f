{#- True where a column holds one of the words of an enumeration; NULL where it is empty. -#}
{% macro is_word_of(enumeration, column) -%}
    {{ column }} in ('{{ credit_indices.allowed_values(enumeration) | join("', '") }}')
{%- endmacro %}

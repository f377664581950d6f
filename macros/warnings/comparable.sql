{#- A text as names and ids are compared, without case, width and separators: credit_indices.enterprise_codes.comparable. -#}
{% macro comparable(text) -%}
    {{ adapter.dispatch('comparable', 'credit_indices')(text) }}
{%- endmacro %}

{% macro duckdb__comparable(text) -%}
    comparable({{ text }})
{%- endmacro %}

{#- A text without case, width and separators, the form in which names and ids are compared (credit_indices.pipeline.enterprise_codes.comparable). -#}
{% macro comparable(text) -%}
    {{ adapter.dispatch('comparable', 'credit_indices')(text) }}
{%- endmacro %}

{% macro duckdb__comparable(text) -%}
    comparable({{ text }})
{%- endmacro %}

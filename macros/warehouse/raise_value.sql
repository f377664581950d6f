{#- An expression of any type that stops the query with the text when it is evaluated, as in the else of a case. -#}
{% macro raise_value(text) -%}
    {{ adapter.dispatch('raise_value', 'credit_indices')(text) }}
{%- endmacro %}

{% macro duckdb__raise_value(text) -%}
    error({{ text }})
{%- endmacro %}

{#- A boolean expression that stops the query with the text. Use it in a where clause only: a select list may be optimised away. -#}
{% macro raise_message(text) -%}
    {{ adapter.dispatch('raise_message', 'credit_indices')(text) }}
{%- endmacro %}

{% macro duckdb__raise_message(text) -%}
    cast(error({{ text }}) as boolean)
{%- endmacro %}

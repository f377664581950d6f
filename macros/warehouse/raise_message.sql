{#- An expression that stops the query with the text; of type boolean, for a where clause (a select list is optimised away). -#}
{% macro raise_message(text) -%}
    {{ adapter.dispatch('raise_message', 'credit_indices')(text) }}
{%- endmacro %}

{% macro duckdb__raise_message(text) -%}
    cast(error({{ text }}) as boolean)
{%- endmacro %}

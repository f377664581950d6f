{#- True if a text is an integer: [+-]digits and nothing else. -#}
{% macro matches_integer(expression) -%}
    {{ adapter.dispatch('matches_integer', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__matches_integer(expression) -%}
    regexp_full_match({{ expression }}, '[+-]?[0-9]+')
{%- endmacro %}

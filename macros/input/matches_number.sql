{#- True if a text is a number of the input layer: [+-]digits[.digits][e[+-]digits] and nothing else. -#}
{% macro matches_number(expression) -%}
    {{ adapter.dispatch('matches_number', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__matches_number(expression) -%}
    regexp_full_match({{ expression }}, '[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?')
{%- endmacro %}

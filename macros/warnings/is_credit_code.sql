{#- True if a text has the form of a unified social credit code: 18 characters of its alphabet, which lacks I, O, S, V and Z. -#}
{% macro is_credit_code(expression) -%}
    {{ adapter.dispatch('is_credit_code', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__is_credit_code(expression) -%}
    regexp_full_match({{ expression }}, '[0-9A-HJ-NP-RTUWXY]{18}')
{%- endmacro %}

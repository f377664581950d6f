{#- True where a text is written like a unified social credit code: 18 characters of its alphabet, without I, O, S, V, Z. -#}
{% macro is_credit_code(expression) -%}
    {{ adapter.dispatch('is_credit_code', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__is_credit_code(expression) -%}
    regexp_full_match({{ expression }}, '[0-9A-HJ-NP-RTUWXY]{18}')
{%- endmacro %}

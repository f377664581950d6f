{#- The texts so far, joined by a comma and a blank, along the rows of a window. -#}
{% macro running_listing(expression, window) -%}
    {{ adapter.dispatch('running_listing', 'credit_indices')(expression, window) }}
{%- endmacro %}

{% macro duckdb__running_listing(expression, window) -%}
    string_agg({{ expression }}, ', ') over {{ window }}
{%- endmacro %}

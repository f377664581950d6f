{#- A window aggregate that joins the texts so far by a comma and a blank. -#}
{% macro running_listing(expression, window) -%}
    {{ adapter.dispatch('running_listing', 'credit_indices')(expression, window) }}
{%- endmacro %}

{% macro duckdb__running_listing(expression, window) -%}
    string_agg({{ expression }}, ', ') over {{ window }}
{%- endmacro %}

{#- A timestamp with time zone as local time, a timestamp without time zone. The zone is the variable time_zone, not that of the session. -#}
{% macro to_local_time(expression) -%}
    {{ adapter.dispatch('to_local_time', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__to_local_time(expression) -%}
    timezone({{ credit_indices.sql_text(var('time_zone')) }}, {{ expression }})
{%- endmacro %}

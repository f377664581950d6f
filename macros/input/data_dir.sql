{#- The folder of the user's input tables, '' for the shipped data. Read it at execution, never at parse time. -#}
{% macro data_dir() -%}
    {{ return(var('data_dir', '') or env_var('CREDIT_INDICES_DATA_DIR', '')) }}
{%- endmacro %}

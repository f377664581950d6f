{#- The folder of the user's input tables, or '' for the shipped data. Asked at execution, never at parse. -#}
{% macro data_dir() -%}
    {{ return(var('data_dir', '') or env_var('CREDIT_INDICES_DATA_DIR', '')) }}
{%- endmacro %}

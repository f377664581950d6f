{#- Whether kept events are deleted first: dbt's --full-refresh, or FULL_REFRESH of the make targets. -#}
{% macro is_full_refresh() -%}
    {{ return(flags.FULL_REFRESH or (execute and env_var('FULL_REFRESH', '') != '')) }}
{%- endmacro %}

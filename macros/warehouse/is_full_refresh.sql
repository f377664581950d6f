{#-
    Whether kept events are deleted first: dbt's --full-refresh, or FULL_REFRESH=1 of the make targets. The runner of
    make refuses other values (src/credit_indices/pipeline/full_refresh.py).
-#}
{% macro is_full_refresh() -%}
    {{ return(flags.FULL_REFRESH or (execute and env_var('FULL_REFRESH', '') == '1')) }}
{%- endmacro %}

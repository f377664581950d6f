{#- A text as an SQL literal. None becomes a typed NULL. Values from files must never reach SQL unquoted. -#}
{% macro sql_text(value) -%}
    {{ adapter.dispatch('sql_text', 'credit_indices')(value) }}
{%- endmacro %}

{% macro default__sql_text(value) -%}
    {%- if value is none -%}
        cast(null as {{ dbt.type_string() }})
    {%- else -%}
        '{{ (value | string).replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}

{#- Spark reads backslashes in literals as escapes. -#}
{% macro spark__sql_text(value) -%}
    {%- if value is none -%}
        cast(null as {{ dbt.type_string() }})
    {%- else -%}
        '{{ (value | string).replace("\\", "\\\\").replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}

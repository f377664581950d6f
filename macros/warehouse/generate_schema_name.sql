{#-
    The schema that the project names (marts, quality, ...), with the schema of the profile's output before it unless
    that is DuckDB's own, main: outputs dev (schema: dev) and prod (schema: prod) in one file keep apart.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- elif target.schema == 'main' -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}

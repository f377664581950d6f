{#-
    The schema that the project names (marts, quality, ...), preceded by the schema of the profile's output unless
    that is main, the default of DuckDB. Outputs dev (schema: dev) and prod (schema: prod) stay separate in one file.
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

{#-
    At the end of a run, writes the descriptions of the public tables that it built as comments on tables and columns.
    One statement writes all comments, since persist_docs queries the columns of each table first (2 s of a build).
-#}
{% macro comment_on_public_tables() -%}
    {%- set nodes = [] -%}
    {%- if execute and flags.WHICH in ['run', 'build'] -%}
        {%- for result in results
                if result.status | string == 'success' and result.node.resource_type | string == 'model'
                and result.node.package_name == 'credit_indices'
                and result.node.config.access | string == 'public' -%}
            {%- do nodes.append(result.node) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- adapter.dispatch('comment_on_tables', 'credit_indices')(nodes) if nodes -}}
{%- endmacro %}

{#- No comments for databases without an implementation. -#}
{% macro default__comment_on_tables(nodes) -%}
{%- endmacro %}

{% macro duckdb__comment_on_tables(nodes) -%}
begin;
    {%- for node in nodes %}
comment on {{ 'view' if node.config.materialized == 'view' else 'table' }} {{ node.relation_name }}
is {{ credit_indices.sql_text(node.description) }};
        {%- for column in node.columns.values() %}
comment on column {{ node.relation_name }}.{{ adapter.quote(column.name) }} is {{ credit_indices.sql_text(column.description) }};
        {%- endfor %}
    {%- endfor %}
commit;
{%- endmacro %}

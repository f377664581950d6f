{#- Every column that the YAML of a public mart describes, [{schema, table, ...}], in a fixed order. -#}
{% macro documented_columns() -%}
    {%- set columns = [] -%}
    {%- set units = credit_indices.unit_by_column() -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='unique_id')
                if node.resource_type == 'model' and node.config.access == 'public' -%}
            {%- for column in node.columns.values() -%}
                {%- do columns.append({
                    'schema': node.schema,
                    'table': node.alias,
                    'table_description': node.description,
                    'position': loop.index,
                    'column': column.name,
                    'data_type': column.data_type,
                    'description': column.description,
                    'unit': credit_indices.column_unit(units, node.alias, column),
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}

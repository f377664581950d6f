{#-
    The rows of an input table as text, from the user's folder or, if the folder does not have the table,
    from the seed. A file with a structural fault gives no rows; the fault is reported as a violation.
    If the folder has the table `instead`, the seed is not read. A seed that gives no rows does not appear
    in the query, since make build does not load it (credit_indices.pipeline.parts).
    Columns: those of the table, then origin ('file' or 'seed'), source_file and source_row.
-#}
{% macro input_rows(table, seed, instead=none) -%}
    {%- set columns = credit_indices.input_tables()[table]['required'] + credit_indices.input_tables()[table]['optional'] -%}
    {%- set file = credit_indices.inspect_input_table(table) -%}
    {%- set own = credit_indices.is_own_table(table) -%}
    select
        {%- for column in columns %}
        {%- if own and column not in file['columns'] %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {%- else %}
        nullif({{ credit_indices.as_text(adapter.quote(column), file['column_kinds'][column] if own and file['is_valid'] else 'text') }}, '')
            as {{ column }},
        {%- endif %}
        {%- endfor %}
        {%- if own %}
        'file' as origin,
        {{ 'source_file' if file['parts'] and file['is_valid'] else credit_indices.sql_text(file['source_file']) }} as source_file,
        source_row
        {%- else %}
        'seed' as origin,
        '{{ seed.identifier }}.csv' as source_file,
        row_number() over (order by 1) + 1 as source_row
        {%- endif %}
    {%- if own and file['is_valid'] %}
    from {{ credit_indices.read_input_file(file) }}
    {%- elif own or credit_indices.is_own_table(instead) %}
    from (
        select
            {%- for column in columns %}
            cast(null as {{ dbt.type_string() }}) as {{ adapter.quote(column) }},
            {%- endfor %}
            cast(null as {{ dbt.type_bigint() }}) as source_row
    ) as no_rows
    where 1 = 0
    {%- else %}
    from {{ seed }}
    {%- endif %}
{%- endmacro %}

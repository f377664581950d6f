{#-
    The rows of an input table as text, from the user's folder or, if the folder does not have the table,
    from the seed. A file with a structural fault gives no rows; the fault is reported as a violation.
    If the folder has one of the tables `instead`, the seed is not read. A seed that gives no rows does not appear
    in the query, since make build does not load it (credit_indices.pipeline.parts). A table of which the project
    ships no rows has no seed.
    Columns: those of the table, then origin ('file' or 'seed'), source_file and source_row.
    The model stg_input__<table>, which calls the macro, names the table.
-#}
{% macro input_rows(seed=none, instead=[]) -%}
    {%- set table = model.name | replace('stg_input__', '') -%}
    {%- set columns = credit_indices.input_tables()[table]['required'] + credit_indices.input_tables()[table]['optional'] -%}
    {%- set file = credit_indices.inspect_input_table(table) -%}
    {%- set own = credit_indices.is_own_table(table) -%}
    {%- set replaced = namespace(is_true=false) -%}
    {%- for other in instead if credit_indices.is_own_table(other) -%}
        {%- set replaced.is_true = true -%}
    {%- endfor -%}
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
        {{ credit_indices.sql_text(seed.identifier ~ '.csv' if seed else none) }} as source_file,
        row_number() over (order by 1) + 1 as source_row
        {%- endif %}
    {%- if own and file['is_valid'] %}
    from {{ credit_indices.read_input_file(file) }}
    {%- elif own or not seed or replaced.is_true %}
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

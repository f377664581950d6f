{#-
    A table, since each read of a CSV file parses all of it, and DuckDB estimates 42 rows whatever its size, so
    that it would build its hash tables on the file. Parquet files are read directly.
-#}
{%- set file = inspect_input_table('observations') %}
{%- set is_csv = file is not none and file['file_format'] == 'csv' and file['is_valid'] %}
{%- set columns = input_tables()['observations'] %}

with

read as (

    select
        {%- for column in columns['required'] + columns['optional'] %}
        {{ adapter.quote(column) if is_csv and column in file['columns'] else sql_text(none) }}
            as {{ adapter.quote(column) }},
        {%- endfor %}
        {%- if is_csv %}
        source_row
    from {{ read_input_file(file) }}
        {%- else %}
        cast(null as {{ dbt.type_bigint() }}) as source_row
    where 1 = 0
        {%- endif %}

)

select * from read

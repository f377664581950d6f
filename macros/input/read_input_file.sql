{#-
    The rows of one of the user's files with their row numbers (the header of a CSV file is row 1), and with
    source_file for a folder of files. CSV is read strictly and as text: DuckDB's sniffer may mistake a later
    line for the header and drop the lines before it.
-#}
{% macro read_input_file(file) -%}
    {{ adapter.dispatch('read_input_file', 'credit_indices')(file) }}
{%- endmacro %}

{% macro duckdb__read_input_file(file) -%}
    {#- '[x]' matches a literal x: the folder's name may contain pattern characters of a glob. -#}
    {%- set path = modules.re.sub('([\\[*?{])', '[\\1]', file['path']) -%}
    {%- set table = credit_indices.input_tables()[file['table_name']] -%}
    {%- set known = [] -%}
    {%- for column in file['columns'] if table.get('any_columns') or column in table['required'] + table['optional'] -%}
        {%- do known.append(adapter.quote(column | replace('"', '""'))) -%}
    {%- endfor -%}
    {%- if file['parts'] -%}
        (
            select
                {{ known | join(', ') }},
                concat_ws(
                    '',
                    {{ credit_indices.sql_text(file['table_name']) }}, substring(file_of_row, {{ file['path'] | length + 1 }})
                ) as source_file,
                file_row_number + 1 as source_row
            from read_parquet(
                [
                    {%- for part in file['parts'] %}
                    {{ credit_indices.sql_text(modules.re.sub('([\\[*?{])', '[\\1]', part)) }}{{ ',' if not loop.last }}
                    {%- endfor %}
                ],
                union_by_name = true,
                file_row_number = true,
                filename = 'file_of_row',
                hive_partitioning = false
            )
        )
    {%- elif file['file_format'] == 'csv' -%}
        (
            select
                {{ known | join(', ') }},
                row_number() over () + 1 as source_row
            from read_csv(
                {{ credit_indices.sql_text(path) }},
                auto_detect = false,
                hive_partitioning = false,
                header = true,
                delim = ',',
                quote = '"',
                escape = '"',
                nullstr = '',
                strict_mode = true,
                max_line_size = 16777216,
                buffer_size = 16777216,
                columns = {
                    {%- for column in file['columns'] %}
                    {{ credit_indices.sql_text(column) }}: 'VARCHAR'{{ ',' if not loop.last }}
                    {%- endfor %}
                }
            )
        )
    {%- else -%}
        (
            select
                {{ known | join(', ') }},
                file_row_number + 1 as source_row
            from read_parquet({{ credit_indices.sql_text(path) }}, file_row_number = true, hive_partitioning = false)
        )
    {%- endif -%}
{%- endmacro %}

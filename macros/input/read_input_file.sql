{#-
    The rows of one of the user's files with its own row numbers (record number; a CSV's header is
    row 1). CSV is read strictly and as text only: the sniffer may take a later line for the header
    and drop what stands before it.
-#}
{% macro read_input_file(file) -%}
    {{ adapter.dispatch('read_input_file', 'credit_indices')(file) }}
{%- endmacro %}

{% macro duckdb__read_input_file(file) -%}
    {#- '[x]' matches a literal x: the folder's name may hold the pattern characters of a glob. -#}
    {%- set path = modules.re.sub('([\\[*?{])', '[\\1]', file['path']) -%}
    {%- if file['file_format'] == 'csv' -%}
        (
            select
                *,
                row_number() over () + 1 as source_row
            from read_csv(
                {{ sql_text(path) }},
                auto_detect = false,
                header = true,
                delim = ',',
                quote = '"',
                escape = '"',
                nullstr = '',
                strict_mode = true,
                max_line_size = 16777216,
                columns = {
                    {%- for column in file['columns'] %}
                    {{ sql_text(column) }}: 'VARCHAR'{{ ',' if not loop.last }}
                    {%- endfor %}
                }
            )
        )
    {%- else -%}
        (
            select
                *,
                file_row_number + 1 as source_row
            from read_parquet({{ sql_text(path) }}, file_row_number = true)
        )
    {%- endif -%}
{%- endmacro %}

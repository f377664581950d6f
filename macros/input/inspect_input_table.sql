{#-
    The inspection of an input table in the user's folder, as a dictionary (see
    credit_indices.pipeline.input_files.InputFile). None without a folder; file_format is none if the folder does
    not have the table.
-#}
{% macro inspect_input_table(table) -%}
    {%- if not execute or not credit_indices.data_dir() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set columns = credit_indices.input_tables()[table] -%}
    {%- set answer = run_query(
        "select inspect_input_table(" ~ credit_indices.sql_text(credit_indices.data_dir()) ~ ", " ~ credit_indices.sql_text(table) ~ ", "
        ~ credit_indices.sql_text(columns['required'] | join(',')) ~ ", "
        ~ credit_indices.sql_text(
            '*' if columns.get('any_columns') else (columns['optional'] + columns.get('ignored', [])) | join(',')
        ) ~ ")"
    ) -%}
    {%- set file = fromjson(answer.columns[0].values()[0]) -%}
    {%- if 'message' in file -%}
        {{ exceptions.raise_compiler_error(file['message']) }}
    {%- endif -%}
    {{ return(file) }}
{%- endmacro %}

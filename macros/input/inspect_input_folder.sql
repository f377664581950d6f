{#- The faults of the user's folder itself, as a list. A dictionary with a message if there is no folder. -#}
{% macro inspect_input_folder() -%}
    {%- set answer = run_query(
        "select inspect_input_folder(" ~ credit_indices.sql_text(credit_indices.data_dir()) ~ ", "
        ~ credit_indices.sql_text(credit_indices.input_tables().keys() | join(',')) ~ ")"
    ) -%}
    {{ return(fromjson(answer.columns[0].values()[0])) }}
{%- endmacro %}

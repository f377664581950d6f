{#- Whether the user's folder has an input table. -#}
{% macro is_own_table(table) -%}
    {%- set file = credit_indices.inspect_input_table(table) -%}
    {{ return(file is not none and (file['file_format'] is not none or file['faults'] | length > 0)) }}
{%- endmacro %}

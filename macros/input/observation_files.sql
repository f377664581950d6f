{#- The files from which observations are read, {source_file: path}: the user's file, or the shipped seeds. -#}
{% macro observation_files() -%}
    {%- set files = {} -%}
    {%- set own = credit_indices.inspect_input_table('observations') -%}
    {%- if own is not none and own['file_format'] is not none -%}
        {%- do files.update({own['source_file']: own['path']}) -%}
    {%- else -%}
        {%- for seed in credit_indices.agency_files() -%}
            {%- set path = 'seeds/raw/' ~ seed ~ '.csv' -%}
            {%- do files.update({path: path}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(files) }}
{%- endmacro %}

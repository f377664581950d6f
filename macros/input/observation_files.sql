{#- The files from which observations are read, {source_file: path}: the user's file, or the shipped seeds. -#}
{% macro observation_files() -%}
    {%- set files = {} -%}
    {%- set own = credit_indices.inspect_input_table('observations') -%}
    {%- if own is not none and own['file_format'] is not none -%}
        {%- do files.update({own['source_file']: own['path']}) -%}
    {%- elif execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='unique_id')
                if node.resource_type == 'seed' and node.original_file_path.startswith('seeds/raw/') -%}
            {%- do files.update({node.original_file_path: node.original_file_path}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(files) }}
{%- endmacro %}

{#- Stops a run before anything is built if the data folder does not exist. -#}
{% macro check_data_dir() -%}
    {%- if execute and flags.WHICH in ['run', 'build', 'seed', 'test'] and credit_indices.data_dir() -%}
        {%- set answer = credit_indices.inspect_input_folder() -%}
        {%- if answer is mapping -%}
            {{ exceptions.raise_compiler_error(answer['message']) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Stops before anything runs where the data folder does not exist. -#}
{% macro check_data_dir() -%}
    {%- if execute and flags.WHICH in ['run', 'build', 'seed', 'test'] and data_dir() -%}
        {%- set answer = inspect_input_folder() -%}
        {%- if answer is mapping -%}
            {{ exceptions.raise_compiler_error(answer['message']) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

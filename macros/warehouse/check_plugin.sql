{#- Stops a run before anything is built if the profile lacks the plugin that registers the project's SQL functions. -#}
{% macro check_plugin() -%}
    {%- if execute and flags.WHICH in ['run', 'build', 'test'] and target.type == 'duckdb' -%}
        {%- set answer = run_query(
            "select count(*) from duckdb_functions() where function_name = 'inspect_input_folder'"
        ) -%}
        {%- if not answer.columns[0].values()[0] -%}
            {{ exceptions.raise_compiler_error(
                "The profile's output " ~ target.name ~ " lacks the plugin of the project. Add to it:\n"
                ~ "      plugins:\n        - module: credit_indices.dbt_plugin\n"
                ~ "as in profiles/profiles.yml."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

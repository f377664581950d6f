{#- The value of a dbt variable about links. A value outside its range stops the compilation. -#}
{% macro link_setting(name) -%}
    {%- set ranges = {'hub_degree': [1, 1000000000], 'supply_days_unpaid': [0, 365]} -%}
    {%- set value = var(name) -%}
    {%- set smallest, largest = ranges[name] -%}
    {%- if execute and not (value is integer and value is not boolean and smallest <= value <= largest) -%}
        {{ exceptions.raise_compiler_error(
            "the dbt variable " ~ name ~ " is " ~ (("'" ~ value ~ "'") if value is string else value)
            ~ "; expected a whole number from " ~ smallest ~ " to " ~ largest
            ~ (', without quotation marks' if value is string else '')
            ~ ". See dbt_project.yml (vars) and docs/methods/neighbours.md."
        ) }}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro %}

{#- The number of months of the coverage: the variable coverage_months, a whole number from 1 to 1000. -#}
{% macro coverage_months() -%}
    {%- set given = var('coverage_months') | string -%}
    {%- if execute and not (modules.re.fullmatch('[0-9]{1,4}', given) and 1 <= given | int <= 1000) -%}
        {{ exceptions.raise_compiler_error(
            "coverage_months is '" ~ given ~ "'; expected a whole number of months from 1 to 1000, such as 36."
        ) }}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}

{#- Whether enterprises is a random sample of the register: the variable register_is_sample, true or false. -#}
{% macro register_is_sample() -%}
    {%- set given = var('register_is_sample') -%}
    {%- if execute and given not in [true, false] -%}
        {{ exceptions.raise_compiler_error(
            "register_is_sample is '" ~ given ~ "'; expected true or false."
        ) }}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}

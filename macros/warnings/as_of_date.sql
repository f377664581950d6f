{#- The day that warnings are told of, as a text; '' for the latest recorded day. -#}
{% macro as_of_date() -%}
    {%- set given = var('as_of_date', '') | string -%}
    {%- if execute and given and not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', given) -%}
        {{ exceptions.raise_compiler_error(
            "as_of_date is '" ~ given ~ "', but must be a day such as 2021-06-30, or empty for the latest "
            ~ "day on which an event was recorded."
        ) }}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}

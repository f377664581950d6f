{#-
    The as-of date of warnings as text, '' for the latest day on which an event was recorded. CREDIT_INDICES_AS_OF sets
    it without a full parse.
-#}
{% macro as_of_date() -%}
    {%- set given = (var('as_of_date', '') or (env_var('CREDIT_INDICES_AS_OF', '') if execute else '')) | string -%}
    {%- if execute and given -%}
        {%- set written = modules.re.fullmatch(
            '(19[5-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', given
        ) -%}
        {#- 30 February would become a day of March. -#}
        {%- set first = modules.datetime.date(given[:4] | int, given[5:7] | int, 1) if written -%}
        {%- if not written
                or (first + modules.datetime.timedelta(days=given[8:] | int - 1)).month != first.month -%}
            {{ exceptions.raise_compiler_error(
                "as_of_date is '" ~ given ~ "'; expected a day from 1950 on such as 2021-06-30, or empty "
                ~ "for the latest day on which an event was recorded."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(given) }}
{%- endmacro %}

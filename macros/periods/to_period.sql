{#-
    A text as a period, which is an integer: 2024, 2024Q1 (20241), 2024H1 (202440), 2024-01 (202401),
    2024-01-15 (20240115) or any other integer. NULL if it is none of these. Half years have the numbers of
    ISO 8601-2 (2024-40, 2024-41), since 20241 is a quarter.
-#}
{% macro to_period(expression) -%}
    {{ adapter.dispatch('to_period', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__to_period(expression) -%}
    {%- set year = '(1[7-9]|2[01])[0-9]{2}' -%}
    {%- set part = "try_cast(regexp_extract(" ~ expression ~ ", '([0-9]{1,2})$', 1) as " ~ dbt.type_int() ~ ")" -%}
    {%- set year_number = "try_cast(substring(" ~ expression ~ ", 1, 4) as " ~ dbt.type_int() ~ ")" -%}
    case
        when {{ credit_indices.matches_integer(expression) }}
            then try_cast({{ expression }} as {{ dbt.type_int() }})
        when regexp_full_match({{ expression }}, '{{ year }}[-: ]?[Qq]0?[1-4]')
            then {{ year_number }} * 10 + {{ part }}
        when regexp_full_match({{ expression }}, '{{ year }}[-: ]?[HhSs]0?[12]')
            then {{ year_number }} * 100 + 39 + {{ part }}
        when
            regexp_full_match({{ expression }}, '{{ year }}(-|[-: ]?[Mm])(0[1-9]|1[0-2])')
            or regexp_full_match({{ expression }}, '{{ year }}[-: ]?[Mm][1-9]')
            then {{ year_number }} * 100 + {{ part }}
        when
            -- Dates in a Parquet file may have the time midnight.
            regexp_full_match({{ expression }}, '{{ year }}-[0-9]{2}-[0-9]{2}([ T]00:00(:00([.]0+)?)?)?')
            and {{ credit_indices.to_moment('substring(' ~ expression ~ ', 1, 10)') }} is not null
            then try_cast(replace(substring({{ expression }}, 1, 10), '-', '') as {{ dbt.type_int() }})
    end
{%- endmacro %}

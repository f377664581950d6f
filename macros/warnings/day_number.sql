{#- Days since 1970-01-01 as a bigint, for arithmetic on days in any dialect. -#}
{% macro day_number(moment) -%}
    cast(
        {{ dbt.datediff("cast('1970-01-01' as date)", "cast(" ~ moment ~ " as date)", 'day') }}
        as {{ dbt.type_bigint() }}
    )
{%- endmacro %}

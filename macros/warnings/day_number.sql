{#- Days since the first of January 1970, a bigint, so that days can be added and compared in any dialect. -#}
{% macro day_number(moment) -%}
    cast(
        {{ dbt.datediff("cast('1970-01-01' as date)", "cast(" ~ moment ~ " as date)", 'day') }}
        as {{ dbt.type_bigint() }}
    )
{%- endmacro %}

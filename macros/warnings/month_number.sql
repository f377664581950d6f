{#- Months since January of the year 0, as a bigint. -#}
{% macro month_number(moment) -%}
    cast(
        extract(year from {{ moment }}) * 12 + extract(month from {{ moment }})
        as {{ dbt.type_bigint() }}
    )
{%- endmacro %}

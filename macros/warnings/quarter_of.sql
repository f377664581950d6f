{#- The quarter of a date or timestamp, such as 2021-Q2. -#}
{% macro quarter_of(moment) -%}
    concat_ws(
        '',
        cast(extract(year from {{ moment }}) as {{ dbt.type_string() }}), '-Q',
        cast(extract(quarter from {{ moment }}) as {{ dbt.type_string() }})
    )
{%- endmacro %}

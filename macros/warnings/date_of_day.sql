{#- The date of a day_number. -#}
{% macro date_of_day(number) -%}
    cast({{ dbt.dateadd('day', number, "cast('1970-01-01' as date)") }} as date)
{%- endmacro %}

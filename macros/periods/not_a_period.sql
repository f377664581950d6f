{#- The reason why a text that to_period cannot read is not a period. -#}
{% macro not_a_period() -%}
    is not an integer (of 32 bits), quarter (2020Q1), month (2020-01), half year (2020H1) or day (2020-01-31); a year is digits only, such as 2020
{%- endmacro %}

{#- Two to the power of a small whole number as a bigint, a single bit of a mask. -#}
{% macro power_of_two(exponent) -%}
    cast(power(2, {{ exponent }}) as {{ dbt.type_bigint() }})
{%- endmacro %}

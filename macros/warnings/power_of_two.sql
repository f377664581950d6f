{#- Two to the power of a small whole number, a bigint: bit so-and-so of a mask. -#}
{% macro power_of_two(exponent) -%}
    cast(power(2, {{ exponent }}) as {{ dbt.type_bigint() }})
{%- endmacro %}

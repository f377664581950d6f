{#- The largest finite double: |x| <= it is false for infinities and for NaN, in every dialect. -#}
{% macro largest_double() -%}
    1.7976931348623157e308
{%- endmacro %}

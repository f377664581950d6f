{#- The largest finite double. |x| <= this number is false for infinities and NaN in every dialect. -#}
{% macro largest_double() -%}
    1.7976931348623157e308
{%- endmacro %}

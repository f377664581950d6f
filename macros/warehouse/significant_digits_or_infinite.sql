{#- Like significant_digits, but the ends of unbounded intervals stay infinite. -#}
{% macro significant_digits_or_infinite(expression, digits=12) -%}
    case
        when abs({{ expression }}) > {{ credit_indices.largest_double() }} then {{ expression }}
        else {{ credit_indices.significant_digits(expression, digits) }}
    end
{%- endmacro %}

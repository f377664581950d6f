{#- The number rounded to significant digits, since the last bits of parallel sums differ from run to run. -#}
{% macro significant_digits(expression, digits=12) -%}
    {{ adapter.dispatch('significant_digits', 'credit_indices')(expression, digits) }}
{%- endmacro %}

{% macro default__significant_digits(expression, digits) -%}
    case
        when {{ expression }} = 0 then 0
        when abs({{ expression }}) <= {{ credit_indices.largest_double() }}
            then cast(
                round(
                    {{ expression }},
                    cast({{ digits - 1 }} - floor(log10(abs({{ expression }}))) as integer)
                ) as double
            )
    end
{%- endmacro %}

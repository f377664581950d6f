{#- A text as a finite double, NULL if it is not a number (try_cast alone accepts 1_000, NaN and 1e999). -#}
{% macro to_number(expression) -%}
    case
        when
            {{ credit_indices.matches_number(expression) }}
            and abs(try_cast({{ expression }} as double)) <= {{ credit_indices.largest_double() }}
            then try_cast({{ expression }} as double)
    end
{%- endmacro %}

{#- A text as a timestamp, NULL if it is not one, such as 30 February. -#}
{% macro to_moment(expression) -%}
    {{ adapter.dispatch('to_moment', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__to_moment(expression) -%}
    case
        when {{ credit_indices.matches_moment(expression) }}
            then try_cast(
                case
                    when length({{ expression }}) = 16 then concat({{ expression }}, ':00')
                    else {{ expression }}
                end as timestamp
            )
    end
{%- endmacro %}

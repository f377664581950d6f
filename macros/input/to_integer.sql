{#- A text as an integer, NULL if it is not one (try_cast alone rounds 2020.6). -#}
{% macro to_integer(expression) -%}
    case
        when {{ credit_indices.matches_integer(expression) }}
            then try_cast({{ expression }} as {{ dbt.type_int() }})
    end
{%- endmacro %}

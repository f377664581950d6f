{#- A column as text; whole numbers kept as floating point (pandas does so with gaps) lose their '.0'. -#}
{% macro as_text(column, kind) -%}
    {%- if kind == 'number' -%}
        coalesce(
            case
                when {{ column }} = floor({{ column }})
                    then cast(try_cast({{ column }} as {{ dbt.type_bigint() }}) as {{ dbt.type_string() }})
            end,
            cast({{ column }} as {{ dbt.type_string() }})
        )
    {%- else -%}
        cast({{ column }} as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}

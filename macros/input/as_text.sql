{#-
    A column as text. Whole numbers lose the '.0' of floating point, in which pandas stores integers with gaps. Moments
    with a time zone (kind instant) become local time.
-#}
{% macro as_text(column, kind) -%}
    {%- if kind == 'number' -%}
        coalesce(
            case
                when {{ column }} = floor({{ column }})
                    then cast(try_cast({{ column }} as {{ dbt.type_bigint() }}) as {{ dbt.type_string() }})
            end,
            cast({{ column }} as {{ dbt.type_string() }})
        )
    {%- elif kind == 'instant' -%}
        cast({{ credit_indices.to_local_time(column) }} as {{ dbt.type_string() }})
    {%- else -%}
        cast({{ column }} as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}

{#-
    A text as a timestamp, NULL if it is not one, such as 30 February. A time with an offset from UTC becomes local time
    (variable time_zone); a time without an offset is local time.
-#}
{% macro to_moment(expression) -%}
    {{ adapter.dispatch('to_moment', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__to_moment(expression) -%}
    {#- DuckDB's timestamps with an offset need seconds and no blank before the offset. -#}
    {%- set seconds_and_offset -%}
        concat_ws(
            '',
            case when substring({{ expression }}, 17, 1) = ':' then '' else ':00' end,
            upper(replace(substring({{ expression }}, 17), ' ', ''))
        )
    {%- endset -%}
    case
        when {{ credit_indices.matches_moment(expression) }}
            then try_cast(
                case
                    when length({{ expression }}) = 16 then concat_ws('', {{ expression }}, ':00')
                    else {{ expression }}
                end as timestamp
            )
        when {{ credit_indices.matches_moment_with_offset(expression) }}
            then {{ credit_indices.to_local_time(
                "try_cast(concat_ws('', substring(" ~ expression ~ ", 1, 16), " ~ seconds_and_offset
                ~ ") as timestamp with time zone)"
            ) }}
    end
{%- endmacro %}

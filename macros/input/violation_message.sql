{#- The message of a violation: its place, its value and the reason, from the columns of a relation of violations. -#}
{% macro violation_message() -%}
    concat_ws(
        '',
        source_file,
        case
            when source_row is null then ''
            else concat_ws('', ' row ', cast(source_row as {{ dbt.type_string() }}))
        end,
        ': ',
        case
            when column_name is null then ''
            else concat_ws('', column_name, ' ')
        end,
        case
            when value is null then ''
            else concat_ws('', '''', value, ''' ')
        end,
        reason
    )
{%- endmacro %}

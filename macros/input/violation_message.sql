{#- The message of a violation: its place, its value and the reason. -#}
{% macro violation_message(violations) -%}
    concat(
        {{ violations }}.source_file,
        case
            when {{ violations }}.source_row is null then ''
            else concat(' row ', cast({{ violations }}.source_row as {{ dbt.type_string() }}))
        end,
        ': ',
        case
            when {{ violations }}.column_name is null then ''
            else concat({{ violations }}.column_name, ' ')
        end,
        case
            when {{ violations }}.value is null then ''
            else concat('''', {{ violations }}.value, ''' ')
        end,
        {{ violations }}.reason
    )
{%- endmacro %}

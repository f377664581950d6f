{#- Rows whose column is not empty and not a number. -#}
{% macro violations_of_number(table, column) -%}
    {{ credit_indices.violations_of(
        column ~ '_is_a_number', table, column, "'is not a number'",
        'rows.' ~ column ~ ' is not null and ' ~ credit_indices.to_number('rows.' ~ column) ~ ' is null'
    ) }}
{%- endmacro %}

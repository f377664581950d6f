{#- Rows whose column is not empty and not a period. -#}
{% macro violations_of_period(table, column) -%}
    {{ credit_indices.violations_of(
        column ~ '_is_a_period', table, column,
        "'" ~ credit_indices.not_a_period() ~ "'",
        'rows.' ~ column ~ ' is not null and ' ~ credit_indices.to_period('rows.' ~ column) ~ ' is null'
    ) }}
{%- endmacro %}

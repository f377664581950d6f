{#- Rows whose column is filled but is no period. -#}
{% macro violations_of_period(table, column) -%}
    {{ violations_of(
        column ~ '_is_a_period', table, column,
        "'" ~ not_a_period() ~ "'",
        'rows.' ~ column ~ ' is not null and ' ~ to_period('rows.' ~ column) ~ ' is null'
    ) }}
{%- endmacro %}

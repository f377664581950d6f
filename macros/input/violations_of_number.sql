{#- Rows whose column is not empty and not a number (or integer). -#}
{% macro violations_of_number(table, column, integer=false) -%}
    {%- set typed = credit_indices.to_integer('rows.' ~ column) if integer else credit_indices.to_number('rows.' ~ column) -%}
    {{ credit_indices.violations_of(
        column ~ '_is_a_number', table, column,
        "'is not " ~ ('an integer' if integer else 'a number') ~ "'",
        'rows.' ~ column ~ ' is not null and ' ~ typed ~ ' is null'
    ) }}
{%- endmacro %}

{#- Rows whose column does not hold an allowed value (allowed_values). Empty cells are violations unless `optional`. -#}
{% macro violations_of_choice(table, column, optional=false) -%}
    {%- set enumeration = table ~ '.' ~ column -%}
    {%- set name = 'rows.' ~ adapter.quote(column) -%}
    {{ credit_indices.violations_of(
        column ~ '_is_known', table, column,
        "concat_ws('', case when " ~ name ~ " is null then 'is empty; expected one of ' else 'is not one of ' end, '"
            ~ credit_indices.allowed_values(enumeration) | join(', ') ~ ("; it may be empty')" if optional else "')"),
        ("" if optional else name ~ " is null or ")
            ~ "not (" ~ credit_indices.is_allowed_value(enumeration, name) ~ ")"
    ) }}
{%- endmacro %}

{#- Rows whose column is not one of the words that it may be. -#}
{% macro violations_of_choice(table, column, choices) -%}
    {{ violations_of(
        column ~ '_is_known', table, column,
        "'is not one of " ~ choices | join(', ') ~ "'",
        "rows." ~ column ~ " is null or rows." ~ column ~ " not in ('" ~ choices | join("', '") ~ "')"
    ) }}
{%- endmacro %}

{#- True if a text has the form of a timestamp with an offset from UTC, from -14:59 to +14:59: Z, +08, +0800 or +08:00. -#}
{% macro matches_moment_with_offset(expression) -%}
    {{ adapter.dispatch('matches_moment_with_offset', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__matches_moment_with_offset(expression) -%}
    regexp_full_match(
        {{ expression }},
        '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?'
        || ' ?([Zz]|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)'
    )
{%- endmacro %}

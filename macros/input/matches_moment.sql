{#- True if a text has the form of a date or a timestamp: 2020-02-29, 2020-02-29 18:30, also with seconds and fractions. T may replace the blank. -#}
{% macro matches_moment(expression) -%}
    {{ adapter.dispatch('matches_moment', 'credit_indices')(expression) }}
{%- endmacro %}

{% macro duckdb__matches_moment(expression) -%}
    regexp_full_match(
        {{ expression }},
        '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)?'
    )
{%- endmacro %}

{#- Days from one timestamp to another, with fractions. -#}
{% macro days_between(first, second) -%}
    ({{ dbt.datediff(first, second, 'second') }} / 86400.0)
{%- endmacro %}

{#-
    z = (x - lo) / (hi - lo) if more is better, (hi - x) / (hi - lo) if less is better (Song & Liu 2025,
    section 3.1.2). NULL if hi = lo.
-#}
{% macro min_max(value, lower, upper, direction) -%}
    {{ credit_indices.case_by_value('index_indicators.direction', direction, {
        '1': value ~ ' - ' ~ lower, '-1': upper ~ ' - ' ~ value,
    }) }} / nullif({{ upper }} - {{ lower }}, 0)
{%- endmacro %}

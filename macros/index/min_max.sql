{#-
    z = (x - lo) / (hi - lo) for an indicator of which more is better, (hi - x) / (hi - lo) for one of
    which less is better (Song & Liu 2025, section 3.1.2). NULL where hi = lo.
-#}
{% macro min_max(value, lower, upper, direction) -%}
    case
        when {{ direction }} = 1 then {{ value }} - {{ lower }}
        when {{ direction }} = -1 then {{ upper }} - {{ value }}
    end / nullif({{ upper }} - {{ lower }}, 0)
{%- endmacro %}

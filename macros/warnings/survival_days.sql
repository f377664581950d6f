{#-
    Days after the opening of a warning for which marts.warning_survival always has a row. Groups of enterprises
    have these rows only.
-#}
{% macro survival_days() -%}
    {{ return([90, 180, 270, 365]) }}
{%- endmacro %}

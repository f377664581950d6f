{#-
    True if a range is at most 1e-12 of the larger of its ends, so that only rounding separates them, as 0.1 + 0.2
    and 0.3. NULL if an end is NULL.
-#}
{% macro is_within_rounding(smallest, largest) -%}
    {{ largest }} - {{ smallest }} <= 1e-12 * greatest(abs({{ smallest }}), abs({{ largest }}))
{%- endmacro %}

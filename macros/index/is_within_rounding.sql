{#-
    True where a range is so small beside its ends (below 1e-12 of the larger one) that only rounding makes it:
    0.1 + 0.2 beside 0.3. NULL where an end is.
-#}
{% macro is_within_rounding(smallest, largest) -%}
    {{ largest }} - {{ smallest }} <= 1e-12 * greatest(abs({{ smallest }}), abs({{ largest }}))
{%- endmacro %}

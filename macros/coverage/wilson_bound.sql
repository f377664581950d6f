{#-
    A bound of the Wilson (1927) interval for a share n / trials at 95 %: the lower one for the sign '-', the upper one
    for '+'.
-#}
{% macro wilson_bound(n, trials, sign) -%}
    {%- set z = '1.959963984540054' -%}
    (
        {{ n }} + {{ z }} * {{ z }} / 2
        {{ sign }} {{ z }} * sqrt(
            cast({{ n }} as double) * ({{ trials }} - {{ n }}) / {{ trials }} + {{ z }} * {{ z }} / 4
        )
    ) / ({{ trials }} + {{ z }} * {{ z }})
{%- endmacro %}

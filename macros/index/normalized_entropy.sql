{#-
    Entropy of the shares p = z / sum(z) over the rows of a group, as a share of its maximum ln(n):
    e = -(1 / ln n) sum(p ln p) with 0 ln 0 = 0 (Song & Liu 2025, section 3.1.2, whose formula lacks the
    minus sign). n is the number of rows. Since sum(p ln p) = sum(z ln z) / S - ln S with S = sum(z),
    the shares themselves are not needed. NULL for a single row or a zero sum.
-#}
{% macro normalized_entropy(z) -%}
    (
        ln(nullif(greatest(sum({{ z }}), 0), 0))
        - sum({{ z }} * ln(case when {{ z }} > 0 then {{ z }} end))
        / nullif(sum({{ z }}), 0)
    ) / nullif(ln(nullif(count({{ z }}), 0)), 0)
{%- endmacro %}

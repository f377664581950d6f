{#- Abramowitz and Stegun (1964), *Handbook of Mathematical Functions*, 26.2.17; off by less than 1e-7. -#}
{% macro normal_cdf(z) -%}
    {%- set k = '(1 / (1 + 0.2316419 * abs(' ~ z ~ ')))' -%}
    case when {{ z }} < 0 then 0 else 1 end
    - case when {{ z }} < 0 then -1 else 1 end
    * exp(-({{ z }}) * ({{ z }}) / 2) / sqrt(2 * pi()) * {{ k }} * (
        0.319381530 + {{ k }} * (
            -0.356563782 + {{ k }} * (1.781477937 + {{ k }} * (-1.821255978 + {{ k }} * 1.330274429))
        )
    )
{%- endmacro %}

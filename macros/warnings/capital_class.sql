{#- Size class of a registered capital in yuan. -#}
{% macro capital_class(capital) -%}
    case
        when {{ capital }} is null then 'unknown'
        when {{ capital }} < 1000000 then 'under 1 million'
        when {{ capital }} < 10000000 then '1 to 10 million'
        when {{ capital }} < 100000000 then '10 to 100 million'
        else '100 million and above'
    end
{%- endmacro %}

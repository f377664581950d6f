{#- The size class of a registered capital in yuan; unknown without one. -#}
{% macro size_class(capital) -%}
    case
        when {{ capital }} < 1000000 then 'below_1_million'
        when {{ capital }} < 10000000 then 'from_1_to_10_million'
        when {{ capital }} < 100000000 then 'from_10_to_100_million'
        when {{ capital }} >= 100000000 then 'from_100_million'
        else 'unknown'
    end
{%- endmacro %}

{#- Days within which red must follow an alert (the paper's three months, Song & Liu 2025, section 6.2.2). -#}
{% macro warning_horizon_days() -%}
    {{ return(90) }}
{%- endmacro %}

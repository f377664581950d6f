{#- The shipped data are whole: what an earlier build kept of them is emptied before they are taken in. -#}
{% macro forget_shipped_events() -%}
    {%- if execute and not data_dir() and load_relation(this) is not none -%}
        delete from {{ this }}
    {%- endif -%}
{%- endmacro %}

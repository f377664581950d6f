{#- Before a snapshot, deletes its history if this run replaces the data by those of another source. -#}
{% macro forget_history_of_other_data() -%}
    {%- if execute and load_relation(this) is not none -%}
        {%- set noted = credit_indices.noted_data_source() -%}
        {%- if noted is not none and noted['is_mixed'] -%}
        delete from {{ this }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#-
    Before events are added to those of earlier builds, deletes stored events of the shipped data, which every run
    reads completely, and of a data source that this run replaces. Events of a user's folder are never deleted here:
    check_data_source demands --full-refresh first.
-#}
{% macro forget_events_of_other_data() -%}
    {%- if execute and load_relation(this) is not none -%}
        {%- set noted = credit_indices.noted_data_source() -%}
        {%- if not credit_indices.data_dir() or (noted is not none and noted['is_mixed']) -%}
        delete from {{ this }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

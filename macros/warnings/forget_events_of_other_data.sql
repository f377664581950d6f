{#-
    Before events are added to those of earlier builds: the shipped data are whole, so what was kept of them is
    emptied, and so is what was kept of other data than this run's. Events of a user's folder are never reached
    here: check_data_source asks for --full-refresh first.
-#}
{% macro forget_events_of_other_data() -%}
    {%- if execute and load_relation(this) is not none -%}
        {%- set noted = credit_indices.noted_data_source() -%}
        {%- if not credit_indices.data_dir() or (noted is not none and noted['is_mixed']) -%}
        delete from {{ this }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

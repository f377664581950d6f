{#- A whole row of a relation of the from clause as JSON. -#}
{% macro row_as_text(relation) -%}
    {{ adapter.dispatch('row_as_text', 'credit_indices')(relation) }}
{%- endmacro %}

{% macro duckdb__row_as_text(relation) -%}
    cast(to_json({{ relation }}) as {{ dbt.type_string() }})
{%- endmacro %}

{#- A 64-bit hash of a text that does not depend on the version of the database, as in the state of the early warning. -#}
{% macro text_hash(text) -%}
    {{ adapter.dispatch('text_hash', 'credit_indices')(text) }}
{%- endmacro %}

{% macro duckdb__text_hash(text) -%}
    md5_number_lower({{ text }})
{%- endmacro %}

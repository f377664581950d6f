{#- The key that stands for an enterprise: credit_indices.enterprise_codes.pseudonym, whose secret is never in the SQL. -#}
{% macro pseudonym(enterprise_id, origin) -%}
    {{ adapter.dispatch('pseudonym', 'credit_indices')(enterprise_id, origin) }}
{%- endmacro %}

{% macro duckdb__pseudonym(enterprise_id, origin) -%}
    pseudonym({{ enterprise_id }}, {{ origin }})
{%- endmacro %}

{#- True where the environment holds the secret that a user's own enterprises need. -#}
{% macro has_pseudonym_key() -%}
    {{ adapter.dispatch('has_pseudonym_key', 'credit_indices')() }}
{%- endmacro %}

{% macro duckdb__has_pseudonym_key() -%}
    has_pseudonym_key()
{%- endmacro %}

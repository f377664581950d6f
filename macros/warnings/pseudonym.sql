{#- The key that stands for an enterprise: credit_indices.enterprise_codes.pseudonym, whose secret is never in the SQL. -#}
{% macro pseudonym(enterprise_id, origin) -%}
    {{ adapter.dispatch('pseudonym', 'credit_indices')(enterprise_id, origin) }}
{%- endmacro %}

{% macro duckdb__pseudonym(enterprise_id, origin) -%}
    pseudonym({{ enterprise_id }}, {{ origin }})
{%- endmacro %}

{#-
    The key that stands for an event. Its id is a text of the user's, which may name anybody, so it is hashed under the
    secret too; whoever holds the secret finds the event again, and the order in which events are loaded changes nothing.
-#}
{% macro event_pseudonym(event_id, origin) -%}
    {{ credit_indices.pseudonym("concat('event ', " ~ event_id ~ ")", origin) }}
{%- endmacro %}

{#- True where the environment holds the secret that a user's own enterprises need. -#}
{% macro has_pseudonym_key() -%}
    {{ adapter.dispatch('has_pseudonym_key', 'credit_indices')() }}
{%- endmacro %}

{% macro duckdb__has_pseudonym_key() -%}
    has_pseudonym_key()
{%- endmacro %}

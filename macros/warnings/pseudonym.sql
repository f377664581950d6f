{#- The pseudonymous key of an enterprise (credit_indices.pipeline.enterprise_codes.pseudonym). The secret never appears in SQL. -#}
{% macro pseudonym(enterprise_id, origin) -%}
    {{ adapter.dispatch('pseudonym', 'credit_indices')(enterprise_id, origin) }}
{%- endmacro %}

{% macro duckdb__pseudonym(enterprise_id, origin) -%}
    pseudonym({{ enterprise_id }}, {{ origin }})
{%- endmacro %}

{#-
    The pseudonymous key of an event. Its id is free text of the user and may name a person, so it is hashed under the
    secret. Holders of the secret can identify the event, and the key does not depend on the order of loads.
-#}
{% macro event_pseudonym(event_id, origin) -%}
    {{ credit_indices.pseudonym("concat_ws('', 'event ', " ~ event_id ~ ")", origin) }}
{%- endmacro %}

{#- True if the environment holds the secret that a user's own enterprises require. -#}
{% macro has_pseudonym_key() -%}
    {{ adapter.dispatch('has_pseudonym_key', 'credit_indices')() }}
{%- endmacro %}

{% macro duckdb__has_pseudonym_key() -%}
    has_pseudonym_key()
{%- endmacro %}

-- A run without snapshots has no history yet, so there is nothing to test.
{%- set made = ref('enterprise_status_history') %}
{%- set history = none %}
{%- if execute %}
    {%- set history = adapter.get_relation(made.database, made.schema, made.identifier) %}
{%- endif %}

select * from
{%- if history is not none %}
    {{ history }}
{%- else %}
    (select 'none' as enterprise_key) as no_history
{%- endif %}
where enterprise_key is null

{#-
    History of enterprise_status by as-of date. A run with an as-of date earlier than the last stored one adds
    nothing.
-#}
{% snapshot enterprise_status_history %}

{{ config(
    schema='state',
    unique_key='enterprise_key',
    strategy='check',
    check_cols=['level', 'rule_codes'],
    updated_at='told_at',
    pre_hook='{{ forget_history_of_other_data() }}'
) }}

{%- set history = adapter.get_relation(this.database, this.schema, this.identifier) if execute else none %}

select
    status.enterprise_key,
    status.level,
    status.rule_codes,
    status.signals,
    status.score,
    -- Kept histories have the column under this name.
    cast(status.as_of as timestamp) as told_at

from {{ ref('enterprise_status') }} as status
{%- if history is not none %}
where not exists (
    select 1 from {{ history }} as history
    where history.dbt_valid_from > cast(status.as_of as timestamp)
)
{%- endif %}

{% endsnapshot %}

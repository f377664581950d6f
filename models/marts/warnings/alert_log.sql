{{ config(schema='restricted', access='protected') }}

select
    alert,
    entry,
    as_of,
    enterprise_key,
    level,
    opened_at,
    due_at,
    happened_at,
    rule_codes,
    event_ids,
    data_origin

from {{ warning_state('alert_entries') }}

{{ config(schema='restricted', access='protected') }}

select
    alert,
    as_of,
    enterprise_key,
    level,
    response,
    opened_at,
    due_at,
    rule_codes,
    event_ids,
    exposure,
    data_origin

from {{ warning_state('alerts_today') }}

{{ config(schema='restricted', access='protected') }}

select
    place,
    alert,
    enterprise_key,
    level,
    response,
    opened_at,
    due_at,
    answered_at,
    is_overdue,
    owner,
    acknowledged_at,
    snoozed_until,
    snooze_reason,
    exposure,
    data_origin

from {{ warning_state('alert_queue') }}

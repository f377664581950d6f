select distinct
    metric_code,
    event_type,
    role,
    metric,
    window_days

from {{ ref('int_warnings__rules') }}

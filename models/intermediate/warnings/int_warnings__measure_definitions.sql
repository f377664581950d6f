select distinct
    measure_code,
    event_type,
    role,
    measure,
    window_days

from {{ ref('int_warnings__rules') }}

select
    variable_code,
    unit_id,
    region,
    period

from {{ ref('int_panel__long') }}
where is_nonpositive_under_log

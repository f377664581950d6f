select
    variable_code,
    unit_id,
    region,
    period

from {{ ref('int_panel__long') }}
where has_no_logarithm

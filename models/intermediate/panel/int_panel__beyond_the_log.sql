select
    variable_code,
    unit_id,
    period,
    row_number() over (partition by variable_code order by unit_id, period) as number_of_case,
    count(*) over (partition by variable_code) as n_cases

from {{ ref('int_panel__long') }}
where is_beyond_the_log

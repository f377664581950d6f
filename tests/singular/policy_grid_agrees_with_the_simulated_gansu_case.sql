-- Two paths to the same number: a case of the catalog, and the grid of all units.
select
    cases.simulated_change,
    grid.simulated_change as change_of_the_grid
from {{ ref('policy_simulation') }} as cases
inner join {{ ref('policy_grid') }} as grid
    on
        cases.coefficient_source = grid.spec_code
        and cases.unit_id = grid.unit_id
        and cases.period = grid.period
        and cases.term = grid.term
where
    cases.case_code = 'gansu_ten_percent'
    and cases.status = 'simulated'
    and grid.change_percent = 10
    and not (
        abs(cases.simulated_change - grid.simulated_change) <= 1e-9
        and abs(cases.{{ adapter.quote('lower') }} - grid.{{ adapter.quote('lower') }}) <= 1e-9
        and abs(cases.{{ adapter.quote('upper') }} - grid.{{ adapter.quote('upper') }}) <= 1e-9
    )

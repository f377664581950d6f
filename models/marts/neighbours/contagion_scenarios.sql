{{ config(schema='restricted', access='protected') }}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

scenarios as (

    select * from {{ ref('int_neighbours__scenarios') }}

)

select
    scenarios.scenario,
    scenarios.method,
    scenarios.start,
    as_of.as_of,
    scenarios.start_enterprises,
    scenarios.affected,
    {{ significant_digits('scenarios.distressed_capital') }} as distressed_capital,
    {{ significant_digits('scenarios.share_of_capital') }} as share_of_capital,
    scenarios.rounds,
    scenarios.threshold,
    scenarios.links,
    scenarios.links_without_amount,
    scenarios.links_without_capital,
    scenarios.data_origin

from scenarios
cross join as_of
order by scenarios.scenario desc, scenarios.method asc, scenarios.start asc

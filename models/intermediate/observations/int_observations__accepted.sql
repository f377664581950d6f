with

typed as (

    select * from {{ ref('int_observations__typed') }}

)

select
    unit_key,
    period,
    indicator_key,
    value

from typed
where is_accepted

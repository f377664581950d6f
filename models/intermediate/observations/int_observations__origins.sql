{#- Origin by the catalog. A user's own values of shipped indicators have the origin user. -#}
with

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

),

observations as (

    select max(case when origin = 'file' then 1 else 0 end) as are_the_users
    from {{ ref('int_observations__read') }}

)

select
    indicators.indicator_key,
    case
        when observations.are_the_users = 1 and indicators.origin = 'seed' then 'user'
        else indicators.data_origin
    end as data_origin

from indicators
cross join observations

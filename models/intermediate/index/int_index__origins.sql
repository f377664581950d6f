{#- What the catalogue says; the user's own figures for shipped indicators are the user's. -#}
with

members as (

    select * from {{ ref('int_index__members') }}

),

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

),

observations as (

    select max(case when origin = 'file' then 1 else 0 end) as are_the_users
    from {{ ref('int_observations__read') }}

),

origins as (

    select
        members.index_key,
        case
            when observations.are_the_users = 1 and indicators.origin = 'seed' then 'user'
            else indicators.data_origin
        end as data_origin
    from members
    inner join indicators
        on members.indicator_key = indicators.indicator_key
    cross join observations

),

counted as (

    select
        index_key,
        sum(case when data_origin = 'synthetic' then 1 else 0 end) as n_synthetic,
        sum(case when data_origin = 'user' then 1 else 0 end) as n_user
    from origins
    group by index_key

)

select
    index_key,
    case
        when n_synthetic > 0 then 'synthetic'
        when n_user > 0 then 'user'
        else 'official'
    end as data_origin

from counted

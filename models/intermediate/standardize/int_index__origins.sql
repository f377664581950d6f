with

members as (

    select * from {{ ref('int_index__members') }}

),

origins as (

    select * from {{ ref('int_observations__origins') }}

),

counted as (

    select
        members.index_key,
        sum(case when origins.data_origin = 'synthetic' then 1 else 0 end) as n_synthetic,
        sum(case when origins.data_origin = 'user' then 1 else 0 end) as n_user
    from members
    inner join origins
        on members.indicator_key = origins.indicator_key
    group by members.index_key

)

select
    index_key,
    case
        when n_synthetic > 0 then 'synthetic'
        when n_user > 0 then 'user'
        else 'official'
    end as data_origin

from counted

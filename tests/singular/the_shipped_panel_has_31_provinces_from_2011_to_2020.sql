-- Only for the shipped data, and not for --empty builds.
-- 11 eastern, 8 central and 12 western provinces a year.
with

expected as (

    select
        'east' as region,
        11 as n_provinces
    union all
    select
        'central' as region,
        8 as n_provinces
    union all
    select
        'west' as region,
        12 as n_provinces

),

counted as (

    select
        index_code,
        period,
        region,
        count(*) as n_provinces
    from {{ ref('index_scores') }}
    where
        scheme = 'headline'
        and index_code like 'scdbi%'
    group by index_code, period, region

),

faults as (

    select
        counted.index_code,
        counted.period,
        counted.region,
        counted.n_provinces
    from counted
    left join expected
        on
            counted.region = expected.region
            and counted.n_provinces = expected.n_provinces
    where
        expected.region is null
        or counted.period not between 2011 and 2020
    union all
    select
        'scdbi' as index_code,
        null as period,
        null as region,
        count(*) as n_provinces
    from counted
    where index_code = 'scdbi'
    having count(*) <> 30

)

select * from faults
{%- if execute and (data_dir() or flags.EMPTY) %}
where 1 = 0
{%- endif %}

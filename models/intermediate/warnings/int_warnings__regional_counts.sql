{{ config(schema='restricted') }}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

),

levels as (

    select
        level,
        level_rank
    from {{ ref('int_warnings__levels') }}
    union all
    select
        'any' as level,
        0 as level_rank

),

first_days as (

    select {{ day_number('min(events.occurred)') }} as day
    from {{ warning_state('events') }} as events
    inner join {{ warning_state('enterprises') }} as listed
        on events.en = listed.en
    where listed.is_listed

),

months as (

    select distinct
        cast({{ dbt.date_trunc('month', date_of_day('days.day')) }} as date) as month_begin
    from {{ ref('int_warnings__working_days') }} as days
    cross join as_of
    cross join first_days
    where days.day between first_days.day and as_of.as_of_day

),

active_warnings as (

    select distinct
        months.month_begin,
        active_warnings.level_rank,
        active_warnings.enterprise_key,
        enterprises.province_code,
        enterprises.data_origin
    from {{ ref('int_warnings__active_periods') }} as active_warnings
    inner join months
        on
            active_warnings.opened_at < {{ dbt.dateadd('month', 1, 'months.month_begin') }}
            and active_warnings.expires_at > months.month_begin
    inner join enterprises
        on active_warnings.enterprise_key = enterprises.enterprise_key

),

warned as (

    select
        month_begin,
        level_rank,
        province_code,
        data_origin,
        count(*) as warned
    from active_warnings
    group by month_begin, level_rank, province_code, data_origin

),

provinces as (

    select
        province_code,
        data_origin,
        count(*) as enterprises
    from enterprises
    where province_code is not null
    group by province_code, data_origin

)

select
    provinces.province_code,
    months.month_begin,
    levels.level,
    provinces.enterprises,
    coalesce(warned.warned, 0) as warned,
    provinces.data_origin

from provinces
cross join months
cross join levels
left join warned
    on
        provinces.province_code = warned.province_code
        and provinces.data_origin = warned.data_origin
        and months.month_begin = warned.month_begin
        and levels.level_rank = warned.level_rank

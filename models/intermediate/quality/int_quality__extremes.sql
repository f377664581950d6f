{#- How far the largest figure of an indicator and period lies beyond the second largest. -#}
with

figures as (

    select * from {{ ref('int_quality__figures') }}

),

indicators as (

    select * from {{ ref('int_quality__indicators') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

largest as (

    select
        indicator_key,
        period,
        count(*) as n_units,
        max(value) as largest
    from figures
    group by indicator_key, period

),

beside as (

    select
        largest.indicator_key,
        largest.period,
        largest.n_units,
        largest.largest,
        min(case when figures.value = largest.largest then figures.unit_key end) as unit_key,
        case
            when sum(case when figures.value = largest.largest then 1 else 0 end) > 1
                then largest.largest
            else max(case when figures.value < largest.largest then figures.value end)
        end as second_largest
    from largest
    inner join figures
        on
            largest.indicator_key = figures.indicator_key
            and largest.period = figures.period
    group by largest.indicator_key, largest.period, largest.n_units, largest.largest

)

select
    indicators.indicator_code,
    beside.period,
    beside.n_units,
    units.unit_id,
    -- NULL, that is not judged, where there are few units or the second largest is not positive.
    case
        when
            beside.n_units >= {{ quality_threshold('quality_min_units') }}
            and beside.second_largest > 0
            then beside.largest / nullif(beside.second_largest, 0)
    end as times_the_second,
    concat(
        indicators.indicator_code, ', ',
        cast(beside.period as {{ dbt.type_string() }}), ': ',
        coalesce(units.name_en, units.unit_id), ' ',
        cast({{ significant_digits('beside.largest', 6) }} as {{ dbt.type_string() }}),
        ', where the second largest figure is ',
        cast({{ significant_digits('beside.second_largest', 6) }} as {{ dbt.type_string() }})
    ) as detail

from beside
inner join indicators
    on beside.indicator_key = indicators.indicator_key
inner join units
    on beside.unit_key = units.unit_key

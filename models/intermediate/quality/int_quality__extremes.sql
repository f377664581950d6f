{#-
    How far the largest and the smallest value of an indicator and period lie beyond all others, and whether a
    usual code for a missing value is among them.
-#}
{%- set min_units = quality_threshold('quality_min_units') %}

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

codes as (

    select * from {{ ref('missing_value_codes') }}
    -- 99 is an ordinary percentage.
    where code not between 0 and 100

),

ends as (

    select
        figures.indicator_key,
        figures.period,
        count(*) as n_units,
        max(figures.value) as largest,
        min(figures.value) as smallest,
        count(codes.code) as n_codes,
        count(*) - count(codes.code) as n_others,
        max(case when codes.code is null then figures.value end) as largest_other,
        min(case when codes.code is null then figures.value end) as smallest_other
    from figures
    left join codes
        on figures.value = codes.code
    group by figures.indicator_key, figures.period

),

beside as (

    select
        ends.indicator_key,
        ends.period,
        ends.n_units,
        ends.largest,
        ends.smallest,
        min(case when figures.value = ends.largest then figures.unit_key end) as largest_unit_key,
        min(case when figures.value = ends.smallest then figures.unit_key end) as smallest_unit_key,
        case
            when sum(case when figures.value = ends.largest then 1 else 0 end) > 1
                then ends.largest
            else max(case when figures.value < ends.largest then figures.value end)
        end as second_largest,
        case
            when sum(case when figures.value = ends.smallest then 1 else 0 end) > 1
                then ends.smallest
            else min(case when figures.value > ends.smallest then figures.value end)
        end as second_smallest
    from ends
    inner join figures
        on
            ends.indicator_key = figures.indicator_key
            and ends.period = figures.period
    group by ends.indicator_key, ends.period, ends.n_units, ends.largest, ends.smallest

),

-- The distance of a code from all other values, in ranges of these; in half ranges where the code
-- is the only negative value.
coded as (

    select
        ends.indicator_key,
        ends.period,
        figures.value as code,
        ends.n_others,
        count(*) as n_coded,
        min(figures.unit_key) as unit_key,
        min(ends.smallest_other) as smallest_other,
        min(ends.largest_other) as largest_other,
        min(
            case
                when figures.value < ends.smallest_other then ends.smallest_other - figures.value
                when figures.value > ends.largest_other then figures.value - ends.largest_other
                else 0
            end
            * case when figures.value < 0 and ends.smallest_other >= 0 then 2 else 1 end
            / nullif(
                greatest(
                    ends.largest_other - ends.smallest_other,
                    1e-9 * abs(figures.value)
                ), 0
            )
        ) as distance
    from ends
    inner join figures
        on
            ends.indicator_key = figures.indicator_key
            and ends.period = figures.period
    inner join codes
        on figures.value = codes.code
    where
        ends.n_codes > 0
        and ends.n_others > 1
    group by ends.indicator_key, ends.period, figures.value, ends.n_others

),

suspected as (

    select
        *,
        row_number() over (
            partition by indicator_key, period
            order by distance desc, code asc
        ) as place
    from coded
    -- A code of one or two digits is an ordinary value of few units.
    where
        n_others >= {{ min_units }}
        or abs(code) > 99

)

select
    indicators.indicator_code,
    beside.period,
    beside.n_units,
    largest_units.unit_id,
    indicators.range_factor,
    -- NULL, that is not judged, where there are few units or the second largest is not positive.
    case
        when beside.n_units >= {{ min_units }} and beside.second_largest > 0
            then beside.largest / nullif(beside.second_largest, 0)
    end as times_the_second,
    case
        when beside.n_units >= {{ min_units }} and beside.smallest > 0
            then beside.second_smallest / nullif(beside.smallest, 0)
    end as times_the_smallest,
    case
        when beside.n_units >= {{ min_units }}
            then
                (beside.second_smallest - beside.smallest)
                / nullif(beside.largest - beside.second_smallest, 0)
    end as ranges_below,
    {{ significant_digits('suspected.distance') }} as code_distance,
    indicators.code_factor,
    concat(
        indicators.indicator_code, ', ',
        cast(beside.period as {{ dbt.type_string() }}), ': ',
        coalesce(largest_units.name_en, largest_units.unit_id), ' ',
        cast({{ significant_digits('beside.largest', 6) }} as {{ dbt.type_string() }}),
        ', where the second largest figure is ',
        cast({{ significant_digits('beside.second_largest', 6) }} as {{ dbt.type_string() }})
    ) as detail,
    concat(
        indicators.indicator_code, ', ',
        cast(beside.period as {{ dbt.type_string() }}), ': ',
        coalesce(smallest_units.name_en, smallest_units.unit_id), ' ',
        cast({{ significant_digits('beside.smallest', 6) }} as {{ dbt.type_string() }}),
        ', where the second smallest value is ',
        cast({{ significant_digits('beside.second_smallest', 6) }} as {{ dbt.type_string() }})
    ) as smallest_detail,
    case
        when suspected.code is not null
            then concat(
                indicators.indicator_code, ', ',
                cast(beside.period as {{ dbt.type_string() }}), ': ',
                coalesce(coded_units.name_en, coded_units.unit_id), ' ',
                cast({{ significant_digits('suspected.code', 9) }} as {{ dbt.type_string() }}),
                case
                    when suspected.n_coded > 1
                        then concat(
                            ' (and ', cast(suspected.n_coded - 1 as {{ dbt.type_string() }}),
                            ' more unit(s))'
                        )
                    else ''
                end,
                ', where all other values lie from ',
                cast(
                    {{ significant_digits('suspected.smallest_other', 6) }}
                    as {{ dbt.type_string() }}
                ),
                ' to ',
                cast(
                    {{ significant_digits('suspected.largest_other', 6) }}
                    as {{ dbt.type_string() }}
                ),
                ' (distance ',
                cast({{ significant_digits('suspected.distance', 3) }} as {{ dbt.type_string() }}),
                ')'
            )
    end as code_detail

from beside
inner join indicators
    on beside.indicator_key = indicators.indicator_key
inner join units as largest_units
    on beside.largest_unit_key = largest_units.unit_key
inner join units as smallest_units
    on beside.smallest_unit_key = smallest_units.unit_key
left join suspected
    on
        beside.indicator_key = suspected.indicator_key
        and beside.period = suspected.period
        and suspected.place = 1
left join units as coded_units
    on suspected.unit_key = coded_units.unit_key

{#-
    Distance of the largest and the smallest value of an indicator and period from all other values, and of
    usual codes for a missing value.
-#}
{%- set min_units = quality_threshold('quality_min_units') %}

with

observed as (

    select * from {{ ref('int_quality__values') }}

),

indicators as (

    select * from {{ ref('int_quality__indicators') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

codes as (

    select * from {{ ref('missing_value_codes') }}
    -- The code 99 is an ordinary value of a percentage.
    where code not between 0 and 100

),

ends as (

    select
        observed.indicator_key,
        observed.period,
        count(*) as n_units,
        max(observed.value) as largest,
        min(observed.value) as smallest,
        count(codes.code) as n_codes,
        count(*) - count(codes.code) as n_others,
        max(case when codes.code is null then observed.value end) as largest_other,
        min(case when codes.code is null then observed.value end) as smallest_other
    from observed
    left join codes
        on observed.value = codes.code
    group by observed.indicator_key, observed.period

),

beside as (

    select
        ends.indicator_key,
        ends.period,
        ends.n_units,
        ends.largest,
        ends.smallest,
        min(case when observed.value = ends.largest then observed.unit_key end) as largest_unit_key,
        min(case when observed.value = ends.smallest then observed.unit_key end)
            as smallest_unit_key,
        case
            when sum(case when observed.value = ends.largest then 1 else 0 end) > 1
                then ends.largest
            else max(case when observed.value < ends.largest then observed.value end)
        end as second_largest,
        case
            when sum(case when observed.value = ends.smallest then 1 else 0 end) > 1
                then ends.smallest
            else min(case when observed.value > ends.smallest then observed.value end)
        end as second_smallest,
        min(case when observed.value > ends.smallest then observed.value end) as next_smallest
    from ends
    inner join observed
        on
            ends.indicator_key = observed.indicator_key
            and ends.period = observed.period
    group by ends.indicator_key, ends.period, ends.n_units, ends.largest, ends.smallest

),

-- The distance of a code from all other values, in ranges of these, or in half ranges if it is
-- the only negative value: a code of three or more digits is then far from them whatever the
-- range.
coded as (

    select
        ends.indicator_key,
        ends.period,
        observed.value as code,
        ends.n_others,
        ends.n_units,
        count(*) as n_coded,
        min(observed.unit_key) as unit_key,
        min(ends.smallest_other) as smallest_other,
        min(ends.largest_other) as largest_other,
        min(
            case
                when observed.value < ends.smallest_other then ends.smallest_other - observed.value
                when observed.value > ends.largest_other then observed.value - ends.largest_other
                else 0
            end
            * case when observed.value < 0 and ends.smallest_other >= 0 then 2 else 1 end
            / nullif(
                case
                    when observed.value < -100 and ends.smallest_other >= 0
                        then least(
                            greatest(
                                ends.largest_other - ends.smallest_other,
                                1e-9 * abs(observed.value)
                            ),
                            ends.smallest_other - observed.value
                        )
                    else greatest(
                        ends.largest_other - ends.smallest_other,
                        1e-9 * abs(observed.value)
                    )
                end, 0
            )
        ) as distance_of_any
    from ends
    inner join observed
        on
            ends.indicator_key = observed.indicator_key
            and ends.period = observed.period
    inner join codes
        on observed.value = codes.code
    where
        ends.n_codes > 0
        and ends.n_others > 0
    group by
        ends.indicator_key, ends.period, observed.value, ends.n_others, ends.n_units

),

measured as (

    select
        *,
        -- With few units, a code of two digits, or a positive code beside one other value, is
        -- only suspected.
        case
            when n_units < {{ min_units }} and (abs(code) <= 100 or (code > 0 and n_others < 2))
                then least(distance_of_any, 1)
            else distance_of_any
        end as distance
    from coded

),

suspected as (

    select
        *,
        row_number() over (
            partition by indicator_key, period
            order by distance desc, code asc
        ) as place
    from measured

)

select
    indicators.indicator_code,
    beside.period,
    beside.n_units,
    largest_units.unit_id,
    indicators.range_factor,
    -- NULL (not validated) with few units or if the second largest value is not positive.
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
                (beside.next_smallest - beside.smallest)
                / nullif(
                    greatest(
                        beside.largest - beside.next_smallest,
                        1e-9 * abs(beside.smallest)
                    ), 0
                )
    end as ranges_below,
    {{ significant_digits('suspected.distance') }} as code_distance,
    indicators.code_factor,
    concat_ws(
        '',
        indicators.indicator_code, ', ',
        cast(beside.period as {{ dbt.type_string() }}), ': ',
        coalesce(largest_units.name_en, largest_units.unit_id), ' ',
        cast({{ significant_digits('beside.largest', 6) }} as {{ dbt.type_string() }}),
        ', where the second largest value is ',
        cast({{ significant_digits('beside.second_largest', 6) }} as {{ dbt.type_string() }})
    ) as detail,
    concat_ws(
        '',
        indicators.indicator_code, ', ',
        cast(beside.period as {{ dbt.type_string() }}), ': ',
        coalesce(smallest_units.name_en, smallest_units.unit_id), ' ',
        cast({{ significant_digits('beside.smallest', 6) }} as {{ dbt.type_string() }}),
        ', where the next value is ',
        cast({{ significant_digits('beside.next_smallest', 6) }} as {{ dbt.type_string() }})
    ) as smallest_detail,
    case
        when suspected.code is not null
            then concat_ws(
                '',
                indicators.indicator_code, ', ',
                cast(beside.period as {{ dbt.type_string() }}), ': ',
                coalesce(coded_units.name_en, coded_units.unit_id), ' ',
                cast({{ significant_digits('suspected.code', 9) }} as {{ dbt.type_string() }}),
                case
                    when suspected.n_coded > 1
                        then concat_ws(
                            '',
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

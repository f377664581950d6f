{#-
    Changes of values from one period to the next. Changes are factors, compared as logarithms. They are
    differences if the indicator has no lower bound of 0 and is negative somewhere, or is a percentage near
    zero, such as a growth rate: a factor is not informative then. An unusual change is far from the changes of
    the other units, so that common growth is not unusual: it is farther from the median change than six
    interquartile ranges (twice Tukey's outer fences), so that the noise of many units is not unusual either.

    A level may change by any factor if it starts from almost nothing (less than the largest value before over
    range_factor) or ends at almost nothing (less than the median over range_factor), and stays there. Such a
    change is a jump, which is a warning, and not an unusual change, which stops the build.
-#}
{%- set jump_factor = quality_threshold('jump_factor') %}
{%- set fence = 6 %}

with

pairs as (

    select * from {{ ref('int_quality__pairs') }}

),

indicators as (

    select * from {{ ref('int_quality__indicators') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

-- Read the values only of indicators that may be negative.
scaled_by_difference as (

    select
        pairs.indicator_key,
        coalesce(
            min(pairs.value) < 0
            or min(pairs.value_before) < 0
            or (
                max(case when indicators.is_percentage then 1 else 0 end) = 1
                and min(abs(pairs.value)) * max(indicators.range_factor) < avg(abs(pairs.value))
            ),
            false
        ) as is_difference
    from pairs
    inner join indicators
        on pairs.indicator_key = indicators.indicator_key
    where coalesce(indicators.lower_bound < 0, true)
    group by pairs.indicator_key

),

changes as (

    select
        pairs.*,
        indicators.range_factor,
        coalesce(scaled_by_difference.is_difference, false) as is_difference,
        case
            when scaled_by_difference.is_difference then pairs.value - pairs.value_before
            else pairs.log_change
        end as change
    from pairs
    inner join indicators
        on pairs.indicator_key = indicators.indicator_key
    left join scaled_by_difference
        on pairs.indicator_key = scaled_by_difference.indicator_key

),

counted as (

    select
        indicator_key,
        period,
        is_difference,
        range_factor,
        count(*) as n_units,
        count(change) as n_changes,
        max(value_before) as largest_before,
        percentile_cont(0.5) within group (
            order by case when value > 0 then value end
        ) as median_value,
        percentile_cont(0.5) within group (order by change) as median_change,
        percentile_cont(0.75) within group (order by change)
        - percentile_cont(0.25) within group (order by change) as range_of_changes,
        percentile_cont(0.75) within group (order by value)
        - percentile_cont(0.25) within group (order by value) as range_of_values
    from changes
    group by indicator_key, period, is_difference, range_factor

),

measured as (

    select
        *,
        -- The unit of differences is the range of changes, or of values if most units do not
        -- change.
        case
            when not is_difference then 1
            when range_of_changes > 0 then range_of_changes
            else nullif(range_of_values, 0)
        end as unit_of_change
    from counted

),

-- A small part of the pairs; all others are within the fence.
outside_the_fence as (

    select
        changes.*,
        measured.n_changes,
        measured.largest_before,
        measured.median_value,
        abs(changes.change - measured.median_change) / measured.unit_of_change as distance
    from changes
    inner join measured
        on
            changes.indicator_key = measured.indicator_key
            and changes.period = measured.period
    where
        abs(changes.change - measured.median_change) > {{ fence }} * measured.range_of_changes
        and abs(changes.change - measured.median_change) > 0

),

later_pairs as (

    select
        pairs.indicator_key,
        pairs.unit_key,
        pairs.period_before,
        min(pairs.value) as value_after
    from pairs
    where pairs.indicator_key in (select outside_the_fence.indicator_key from outside_the_fence)
    group by pairs.indicator_key, pairs.unit_key, pairs.period_before

),

unusual as (

    select
        outside_the_fence.*,
        row_number() over (
            partition by outside_the_fence.indicator_key, outside_the_fence.period
            order by outside_the_fence.distance desc, outside_the_fence.unit_key asc
        ) as place
    from outside_the_fence
    left join later_pairs
        on
            outside_the_fence.indicator_key = later_pairs.indicator_key
            and outside_the_fence.unit_key = later_pairs.unit_key
            and outside_the_fence.period = later_pairs.period_before
    where
        outside_the_fence.n_changes >= {{ quality_threshold('quality_min_units') }}
        and outside_the_fence.distance is not null
        and (
            outside_the_fence.is_difference
            or outside_the_fence.distance <= ln(outside_the_fence.range_factor)
            or not case
                when outside_the_fence.value > outside_the_fence.value_before
                    then
                        outside_the_fence.value_before * outside_the_fence.range_factor
                        < outside_the_fence.largest_before
                        and coalesce(
                            later_pairs.value_after * outside_the_fence.range_factor
                            >= outside_the_fence.value,
                            true
                        )
                else
                    outside_the_fence.value * outside_the_fence.range_factor
                    < outside_the_fence.median_value
                    and coalesce(
                        later_pairs.value_after * outside_the_fence.range_factor
                        < outside_the_fence.value_before,
                        false
                    )
            end
        )

),

jumping as (

    select
        changes.*,
        count(*) over (partition by changes.indicator_key, changes.period) as n_jumps,
        row_number() over (
            partition by changes.indicator_key, changes.period
            order by
                case
                    when changes.is_difference then abs(changes.change - measured.median_change)
                    when changes.change is null then -1
                    else abs(changes.change)
                end desc,
                changes.change desc,
                changes.unit_key asc
        ) as place
    from changes
    inner join measured
        on
            changes.indicator_key = measured.indicator_key
            and changes.period = measured.period
    where
        case
            when changes.is_difference
                then
                    abs(changes.change - measured.median_change)
                    > {{ fence }} * measured.unit_of_change
                    and measured.n_changes >= {{ quality_threshold('quality_min_units') }}
            else
                (
                    abs(changes.value)
                    > power({{ jump_factor }}, changes.n_steps) * abs(changes.value_before)
                    and changes.value_before <> 0
                )
                or (
                    abs(changes.value_before)
                    > power({{ jump_factor }}, changes.n_steps) * abs(changes.value)
                    and changes.value <> 0
                )
        end

),

cases as (

    select
        'jump' as kind,
        indicator_key,
        period,
        unit_key,
        value,
        value_before,
        n_steps,
        cast(null as double) as distance,
        n_jumps
    from jumping
    where place = 1
    union all
    select
        'unusual' as kind,
        indicator_key,
        period,
        unit_key,
        value,
        value_before,
        n_steps,
        distance,
        0 as n_jumps
    from unusual
    where place = 1

),

named as (

    select
        cases.*,
        units.unit_id,
        concat_ws(
            '',
            coalesce(units.name_en, units.unit_id), ' ',
            cast({{ significant_digits('cases.value', 6) }} as {{ dbt.type_string() }}),
            ' after ',
            cast({{ significant_digits('cases.value_before', 6) }} as {{ dbt.type_string() }}),
            case
                when cases.n_steps = 1 then ' in the previous period'
                else concat_ws(
                    '',
                    ' ', cast(cases.n_steps as {{ dbt.type_string() }}), ' periods before'
                )
            end
        ) as case_text
    from cases
    inner join units
        on cases.unit_key = units.unit_key

),

described as (

    select
        measured.indicator_key,
        measured.period,
        measured.n_units,
        measured.n_changes,
        measured.is_difference,
        measured.range_factor,
        measured.median_change,
        measured.unit_of_change,
        measured.range_of_changes,
        indicators.indicator_code,
        coalesce(jumps.n_jumps, 0) as n_jumps,
        unusual_cases.unit_id as unusual_unit_id,
        jumps.case_text as jump_text,
        unusual_cases.case_text as unusual_text,
        -- Keep the exponentials finite.
        case
            when measured.is_difference then measured.median_change
            else exp(
                case
                    when abs(measured.median_change) > 700 then 700
                    else measured.median_change
                end
            )
        end as typical_change,
        case
            when measured.n_changes < {{ quality_threshold('quality_min_units') }} then null
            when measured.is_difference then coalesce(unusual_cases.distance, 0)
            else exp(
                case
                    when unusual_cases.distance > 700 then 700
                    else coalesce(unusual_cases.distance, 0)
                end
            )
        end as unusual_change,
        concat_ws(
            '',
            indicators.indicator_code, ', ',
            cast(measured.period as {{ dbt.type_string() }}), ': '
        ) as subject
    from measured
    inner join indicators
        on measured.indicator_key = indicators.indicator_key
    left join named as jumps
        on
            measured.indicator_key = jumps.indicator_key
            and measured.period = jumps.period
            and jumps.kind = 'jump'
    left join named as unusual_cases
        on
            measured.indicator_key = unusual_cases.indicator_key
            and measured.period = unusual_cases.period
            and unusual_cases.kind = 'unusual'

)

select
    indicator_code,
    period,
    n_units,
    is_difference,
    n_jumps,
    range_factor,
    {{ significant_digits('typical_change') }} as typical_change,
    {{ significant_digits('unusual_change') }} as unusual_change,
    unusual_unit_id,
    case
        when n_jumps > 0
            then concat_ws(
                '',
                subject, cast(n_jumps as {{ dbt.type_string() }}), ' unit(s) by more than ',
                case
                    when is_difference
                        then concat_ws(
                            '',
                            '{{ fence }} interquartile ranges of the ',
                            case when range_of_changes > 0 then 'changes (' else 'values (' end,
                            cast(
                                {{ significant_digits('unit_of_change', 3) }}
                                as {{ dbt.type_string() }}
                            ),
                            ')'
                        )
                    else 'a factor of {{ jump_factor }}'
                end,
                ', such as ', jump_text
            )
    end as jump_detail,
    case
        when unusual_text is not null
            then concat_ws(
                '',
                subject, unusual_text, ', where the median of all units changed by ',
                case when is_difference then '' else 'a factor of ' end,
                cast({{ significant_digits('typical_change', 3) }} as {{ dbt.type_string() }}),
                case
                    when is_difference
                        then concat_ws(
                            '',
                            ' and the interquartile range of ',
                            case when range_of_changes > 0 then 'changes' else 'values' end,
                            ' is ',
                            cast(
                                {{ significant_digits('unit_of_change', 3) }}
                                as {{ dbt.type_string() }}
                            )
                        )
                    else ''
                end
            )
    end as change_detail

from described

{#-
    How much figures change from one period to the next. The typical change of all units together, a
    geometric mean, is taken out of the largest, so that growth common to all is not held against one.
-#}
{%- set jump_factor = var('jump_factor') | float %}
{%- set is_jump %}
    (abs(value) > {{ jump_factor }} * abs(value_before) and value_before <> 0)
            or (abs(value_before) > {{ jump_factor }} * abs(value) and value <> 0)
{%- endset %}

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

counted as (

    select
        indicator_key,
        period,
        count(*) as n_units,
        count(case when {{ is_jump }} then 1 end) as n_jumps,
        avg(log_change) as mean_log_change,
        min(log_change) as smallest_log_change,
        max(log_change) as largest_log_change
    from pairs
    group by indicator_key, period

),

gaps as (

    select
        *,
        greatest(
            largest_log_change - mean_log_change, mean_log_change - smallest_log_change
        ) as largest_gap
    from counted

),

measured as (

    select
        *,
        -- The powers of e are kept finite; NULL stays NULL, which least() would not do.
        exp(case when abs(mean_log_change) > 700 then 700 else mean_log_change end)
            as typical_change,
        exp(case when largest_gap > 700 then 700 else largest_gap end) as unusual_change
    from gaps

),

candidates as (

    select
        pairs.indicator_key,
        pairs.period,
        pairs.unit_key,
        pairs.value,
        pairs.value_before,
        pairs.log_change,
        abs(pairs.log_change - measured.mean_log_change) as gap,
        case when {{ is_jump }} then 1 else 0 end as is_jump
    from measured
    inner join pairs
        on
            measured.indicator_key = pairs.indicator_key
            and measured.period = pairs.period
    where
        (measured.n_jumps > 0 and ({{ is_jump }}))
        or (
            measured.unusual_change > {{ jump_factor }}
            and pairs.log_change in (measured.smallest_log_change, measured.largest_log_change)
        )

),

placed as (

    select
        candidates.*,
        units.unit_id,
        row_number() over (
            partition by candidates.indicator_key, candidates.period, candidates.is_jump
            order by abs(candidates.log_change) desc nulls last, candidates.unit_key asc
        ) as place_by_change,
        row_number() over (
            partition by candidates.indicator_key, candidates.period
            order by candidates.gap desc nulls last, candidates.unit_key asc
        ) as place_by_gap,
        concat(
            coalesce(units.name_en, units.unit_id), ' ',
            cast({{ significant_digits('candidates.value', 6) }} as {{ dbt.type_string() }}),
            ' after ',
            cast({{ significant_digits('candidates.value_before', 6) }} as {{ dbt.type_string() }}),
            ' the period before'
        ) as figures
    from candidates
    inner join units
        on candidates.unit_key = units.unit_key

)

select
    indicators.indicator_code,
    measured.period,
    measured.n_units,
    measured.n_jumps,
    {{ significant_digits('measured.typical_change') }} as typical_change,
    {{ significant_digits('measured.unusual_change') }} as unusual_change,
    unusual.unit_id,
    case
        when measured.n_jumps > 0
            then concat(
                indicators.indicator_code, ', ',
                cast(measured.period as {{ dbt.type_string() }}), ': ',
                cast(measured.n_jumps as {{ dbt.type_string() }}),
                ' unit(s) by more than a factor of {{ var('jump_factor') }}, such as ',
                jumping.figures
            )
    end as jump_detail,
    case
        when measured.unusual_change is not null and unusual.figures is not null
            then concat(
                indicators.indicator_code, ', ',
                cast(measured.period as {{ dbt.type_string() }}), ': ', unusual.figures,
                ', where all units together changed by a factor of ',
                cast(
                    {{ significant_digits('measured.typical_change', 3) }}
                    as {{ dbt.type_string() }}
                )
            )
    end as change_detail

from measured
inner join indicators
    on measured.indicator_key = indicators.indicator_key
left join placed as jumping
    on
        measured.indicator_key = jumping.indicator_key
        and measured.period = jumping.period
        and jumping.is_jump = 1
        and jumping.place_by_change = 1
left join placed as unusual
    on
        measured.indicator_key = unusual.indicator_key
        and measured.period = unusual.period
        and unusual.place_by_gap = 1

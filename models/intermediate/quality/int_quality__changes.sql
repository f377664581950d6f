{#-
    How much figures change from one period to the next. Unusual is a change that is far from that of the
    other units, so that growth common to all is not held against one: farther from the median change than
    six interquartile ranges (Tukey's outer fences twice over), so that it is not the noise of many units.
-#}
{%- set jump_factor = quality_threshold('jump_factor') %}
{%- set fence = 6 %}
{%- set is_jump %}
    (abs(value) > {{ jump_factor }} * abs(value_before) and value_before <> 0)
            or (abs(value_before) > {{ jump_factor }} * abs(value) and value <> 0)
{%- endset %}

with

pairs as (

    select
        *,
        case when {{ is_jump }} then 1 else 0 end as is_jump
    from {{ ref('int_quality__pairs') }}

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
        count(log_change) as n_log_changes,
        count(case when is_jump = 1 then 1 end) as n_jumps,
        max(abs(log_change)) as largest_log_change,
        min(log_change) as lowest,
        max(log_change) as highest,
        percentile_cont(0.5) within group (order by log_change) as median_log_change,
        percentile_cont(0.75) within group (order by log_change)
        - percentile_cont(0.25) within group (order by log_change) as interquartile_range
    from pairs
    group by indicator_key, period

),

farthest as (

    select
        *,
        case
            when highest - median_log_change >= median_log_change - lowest then highest
            else lowest
        end as farthest_log_change
    from counted

),

measured as (

    select
        *,
        case
            when n_log_changes < {{ quality_threshold('quality_min_units') }} then null
            when
                abs(farthest_log_change - median_log_change) > {{ fence }} * interquartile_range
                then abs(farthest_log_change - median_log_change)
            else 0
        end as unusual_log_change
    from farthest

),

jumping as (

    select
        pairs.indicator_key,
        pairs.period,
        pairs.unit_key,
        pairs.value,
        pairs.value_before,
        row_number() over (
            partition by pairs.indicator_key, pairs.period
            order by pairs.log_change desc nulls last, pairs.unit_key asc
        ) as place
    from measured
    inner join pairs
        on
            measured.indicator_key = pairs.indicator_key
            and measured.period = pairs.period
    where
        measured.n_jumps > 0
        and pairs.is_jump = 1
        and (pairs.log_change is null or abs(pairs.log_change) = measured.largest_log_change)

),

unusual as (

    select
        pairs.indicator_key,
        pairs.period,
        pairs.unit_key,
        pairs.value,
        pairs.value_before,
        row_number() over (
            partition by pairs.indicator_key, pairs.period
            order by pairs.unit_key
        ) as place
    from measured
    inner join pairs
        on
            measured.indicator_key = pairs.indicator_key
            and measured.period = pairs.period
    where
        measured.unusual_log_change > 0
        and pairs.log_change = measured.farthest_log_change

),

cases as (

    select
        *,
        'jump' as kind
    from jumping
    where place = 1
    union all
    select
        *,
        'unusual' as kind
    from unusual
    where place = 1

),

named as (

    select
        cases.kind,
        cases.indicator_key,
        cases.period,
        units.unit_id,
        concat(
            coalesce(units.name_en, units.unit_id), ' ',
            cast({{ significant_digits('cases.value', 6) }} as {{ dbt.type_string() }}),
            ' after ',
            cast({{ significant_digits('cases.value_before', 6) }} as {{ dbt.type_string() }}),
            ' the period before'
        ) as figures
    from cases
    inner join units
        on cases.unit_key = units.unit_key

),

described as (

    select
        measured.*,
        indicators.indicator_code,
        unusual_cases.unit_id as unusual_unit_id,
        jumps.figures as jump_figures,
        unusual_cases.figures as unusual_figures,
        -- The powers of e are kept finite.
        exp(case
            when abs(measured.median_log_change) > 700 then 700
            else measured.median_log_change
        end) as typical_change,
        exp(case
            when measured.unusual_log_change > 700 then 700
            else measured.unusual_log_change
        end) as unusual_change,
        concat(
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
    n_jumps,
    {{ significant_digits('typical_change') }} as typical_change,
    {{ significant_digits('unusual_change') }} as unusual_change,
    unusual_unit_id,
    case
        when n_jumps > 0
            then concat(
                subject, cast(n_jumps as {{ dbt.type_string() }}),
                ' unit(s) by more than a factor of {{ jump_factor }}, such as ',
                jump_figures
            )
    end as jump_detail,
    case
        when unusual_figures is not null
            then concat(
                subject, unusual_figures, ', where the median of all units changed by a factor of ',
                cast({{ significant_digits('typical_change', 3) }} as {{ dbt.type_string() }})
            )
    end as change_detail

from described

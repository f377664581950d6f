{#-
    The two-sample Kolmogorov-Smirnov distance between an indicator's values in consecutive periods, each
    divided by its period's median: uniform growth is not drift, a change in the shape of the distribution is.
    If there are more units than sample_size, every k-th unit by unit_id is used.
-#}
{%- set sample_size = 2000 %}
{%- set min_units = quality_threshold('quality_min_units') %}
{%- set level = quality_threshold('quality_drift_level') | float %}

with

observed_values as (

    select * from {{ ref('int_quality__values') }}

),

indicators as (

    select * from {{ ref('int_quality__indicators') }}

),

steps as (

    select ceil(count(*) / {{ sample_size }}.0) as step
    from {{ ref('int_catalog__units') }}

),

sampled as (

    select
        observed_values.indicator_key,
        observed_values.period,
        observed_values.value
    from observed_values
    cross join steps
    where mod(observed_values.unit_key, cast(steps.step as {{ dbt.type_int() }})) = 0

),

medians as (

    select
        indicator_key,
        period,
        count(*) as n_units,
        percentile_cont(0.5) within group (order by value) as median_value
    from sampled
    group by indicator_key, period

),

neighbours as (

    select
        medians.indicator_key,
        medians.period,
        medians.n_units,
        medians.median_value,
        {%- for column, name in {
            'period': 'period_before', 'n_units': 'n_units_before', 'median_value': 'median_before',
        }.items() %}
        lag(medians.{{ column }}) over (
            partition by medians.indicator_key, codes.family
            order by codes.place_in_time
        ) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from medians
    inner join {{ ref('int_periods__codes') }} as codes
        on medians.period = codes.period

),

compared as (

    select * from neighbours
    where
        n_units >= {{ min_units }}
        and n_units_before >= {{ min_units }}
        and median_value > 0
        and median_before > 0

),

scaled as (

    select
        compared.indicator_key,
        compared.period,
        {{ significant_digits('sampled.value / compared.median_value') }} as scaled_value,
        1 as is_later
    from compared
    inner join sampled
        on
            compared.indicator_key = sampled.indicator_key
            and compared.period = sampled.period
    union all
    select
        compared.indicator_key,
        compared.period,
        {{ significant_digits('sampled.value / compared.median_before') }} as scaled_value,
        0 as is_later
    from compared
    inner join sampled
        on
            compared.indicator_key = sampled.indicator_key
            and compared.period_before = sampled.period

),

steps_of_both as (

    select
        indicator_key,
        period,
        scaled_value,
        sum(is_later) as n_later,
        sum(1 - is_later) as n_earlier
    from scaled
    group by indicator_key, period, scaled_value

),

cumulated as (

    select
        indicator_key,
        period,
        sum(n_later) over (
            partition by indicator_key, period
            order by scaled_value
            rows between unbounded preceding and current row
        ) as n_later,
        sum(n_earlier) over (
            partition by indicator_key, period
            order by scaled_value
            rows between unbounded preceding and current row
        ) as n_earlier
    from steps_of_both

),

distances as (

    select
        cumulated.indicator_key,
        cumulated.period,
        max(abs(
            cast(cumulated.n_later as double) / compared.n_units
            - cast(cumulated.n_earlier as double) / compared.n_units_before
        )) as distance
    from cumulated
    inner join compared
        on
            cumulated.indicator_key = compared.indicator_key
            and cumulated.period = compared.period
    group by cumulated.indicator_key, cumulated.period

),

tested as (

    select
        compared.indicator_key,
        compared.period,
        compared.period_before,
        compared.n_units,
        compared.n_units_before,
        distances.distance,
        -- Smirnov's asymptotic critical distance. With many units, a difference must also be
        -- large enough to matter.
        greatest(
            sqrt(-ln({{ level }} / 2) / 2) * sqrt(
                (cast(compared.n_units as double) + compared.n_units_before)
                / (cast(compared.n_units as double) * compared.n_units_before)
            ),
            {{ quality_threshold('quality_drift_distance') }}
        ) as critical_distance
    from compared
    inner join distances
        on
            compared.indicator_key = distances.indicator_key
            and compared.period = distances.period

)

select
    indicators.indicator_code,
    tested.period,
    tested.period_before,
    tested.n_units,
    tested.n_units_before,
    {{ significant_digits('tested.distance') }} as distance,
    {{ significant_digits('tested.critical_distance') }} as critical_distance,
    concat_ws(
        '',
        indicators.indicator_code, ', ',
        cast(tested.period as {{ dbt.type_string() }}), ': the Kolmogorov-Smirnov distance from ',
        cast(tested.period_before as {{ dbt.type_string() }}), ' is ',
        cast({{ significant_digits('tested.distance', 3) }} as {{ dbt.type_string() }}),
        '; the critical distance is ',
        cast({{ significant_digits('tested.critical_distance', 3) }} as {{ dbt.type_string() }})
    ) as detail

from tested
inner join indicators
    on tested.indicator_key = indicators.indicator_key

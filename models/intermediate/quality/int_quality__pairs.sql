{#-
    A value and the same unit's value in the previous period of the indicator's data. n_steps is the number of
    steps of the frequency between the two periods. If an indicator has several frequencies, each is a separate
    series.
-#}
{{ config(materialized='view') }}

with

observed_values as (

    select * from {{ ref('int_quality__values') }}

),

periods_with_data as (

    select distinct
        indicator_key,
        period
    from observed_values

),

periods as (

    select
        indicator_key,
        period,
        lag(period) over (
            partition by indicator_key, family
            order by step, period
        ) as period_before,
        step - lag(step) over (
            partition by indicator_key, family
            order by step, period
        ) as n_steps
    from {{ stepped_periods('periods_with_data', 'indicator_key') }} as stepped

)

select
    later.indicator_key,
    later.unit_key,
    later.period,
    earlier.period as period_before,
    periods.n_steps,
    later.value,
    earlier.value as value_before,
    case
        when later.value > 0 and earlier.value > 0
            then
                ln(case when later.value > 0 then later.value end)
                - ln(case when earlier.value > 0 then earlier.value end)
    end as log_change

from observed_values as later
inner join periods
    on
        later.indicator_key = periods.indicator_key
        and later.period = periods.period
inner join observed_values as earlier
    on
        periods.indicator_key = earlier.indicator_key
        and periods.period_before = earlier.period
        and later.unit_key = earlier.unit_key

{#-
    Samples: all rows, each region (except a region with the name of a sample), and the last period. Missing
    values are ignored. The correlation of the index with itself is left out.
-#}
{%- set index_code = sql_text(var('described_variable')) %}

with

panel_values as (

    select
        panel_values.variable_code,
        panel_values.unit_key,
        panel_values.period,
        panel_values.value,
        units.region
    from {{ ref('int_panel__values') }} as panel_values
    inner join {{ ref('int_catalog__units') }} as units
        on panel_values.unit_key = units.unit_key
    -- The squares of larger values overflow.
    where abs(panel_values.value) < 1e150

),

periods as (

    select distinct period
    from panel_values

),

-- One last period per frequency, if a panel has years and quarters.
last_periods as (

    select max(periods.period) as period
    from periods
    inner join {{ ref('int_periods__codes') }} as codes
        on periods.period = codes.period
    group by codes.family

),

sampled as (

    select
        *,
        'all' as sample
    from panel_values
    union all
    select
        *,
        region as sample
    from panel_values
    where region not in ('all', 'last_period')
    union all
    select
        panel_values.*,
        'last_period' as sample
    from panel_values
    inner join last_periods
        on panel_values.period = last_periods.period

),

index_values as (

    select
        unit_key,
        period,
        value
    from panel_values
    where variable_code = {{ index_code }}

)

select
    sampled.variable_code,
    sampled.sample,
    count(*) as n,
    avg(sampled.value) as mean,
    stddev_samp(sampled.value) as sd,
    min(sampled.value) as minimum,
    max(sampled.value) as maximum,
    case when count(index_values.value) > 0 then {{ index_code }} end as index_variable_code,
    count(index_values.value) as n_with_index,
    corr(sampled.value, index_values.value) as correlation_with_index

from sampled
left join index_values
    on
        sampled.unit_key = index_values.unit_key
        and sampled.period = index_values.period
        and sampled.variable_code <> {{ index_code }}
group by sampled.variable_code, sampled.sample

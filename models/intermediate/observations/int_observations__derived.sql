{#-
    Ratios of observations that an index or a regression uses as indicators. An indicator is not derived if the
    data contain it.
-#}
with

accepted as (

    select
        accepted.unit_key,
        accepted.period,
        indicators.indicator_code,
        accepted.value
    from {{ ref('int_observations__accepted') }} as accepted
    inner join {{ ref('int_catalog__indicators') }} as indicators
        on accepted.indicator_key = indicators.indicator_key

),

areas as (

    select
        units.unit_key,
        land_areas.land_area_10k_km2
    from {{ ref('nbs_land_area') }} as land_areas
    inner join {{ ref('int_catalog__units') }} as units
        on land_areas.province_code = units.unit_id

),

observed_values as (

    select
        unit_key,
        period,
        max(case when indicator_code = 'gdp' then value end) as gdp,
        max(case when indicator_code = 'gdp_revised' then value end) as gdp_revised,
        max(case when indicator_code = 'gdp_per_capita' then value end) as gdp_per_capita,
        max(case when indicator_code = 'fiscal_expenditure' then value end) as fiscal_expenditure,
        max(case when indicator_code = 'rd_expenditure' then value end) as rd_expenditure
    from accepted
    group by unit_key, period

),

totals as (

    select
        period,
        sum(gdp_revised) as gdp_revised,
        count(gdp_revised) as n_units,
        -- Identifies the set of units.
        sum(
            case
                when gdp_revised is not null
                    then cast(unit_key as {{ dbt.type_bigint() }}) * unit_key
            end
        ) as unit_keys_squared
    from observed_values
    group by period

),

periods_of_totals as (

    select
        'gdp_revised' as indicator_code,
        period
    from totals
    where n_units > 0

),

stepped_totals as (

    select
        totals.*,
        steps.family,
        steps.step
    from totals
    inner join {{ stepped_periods('periods_of_totals', 'indicator_code') }} as steps
        on totals.period = steps.period

),

growth as (

    select
        later.period,
        100 * (later.gdp_revised / nullif(earlier.gdp_revised, 0) - 1) as value
    from stepped_totals as later
    inner join stepped_totals as earlier
        on
            later.family = earlier.family
            and later.step = cast(earlier.step as {{ dbt.type_bigint() }}) + 1
            and later.n_units = earlier.n_units
            and later.unit_keys_squared = earlier.unit_keys_squared

),

derived as (

    -- GDP in 100 million yuan, area in 10,000 km2.
    select
        observed_values.unit_key,
        observed_values.period,
        'population_density' as indicator_code,
        observed_values.gdp * 10000 / nullif(observed_values.gdp_per_capita, 0)
        / nullif(areas.land_area_10k_km2, 0) as value
    from observed_values
    inner join areas
        on observed_values.unit_key = areas.unit_key
    union all
    select
        unit_key,
        period,
        'fiscal_expenditure_to_gdp' as indicator_code,
        100 * fiscal_expenditure / nullif(gdp, 0) as value
    from observed_values
    union all
    select
        unit_key,
        period,
        'rd_to_gdp' as indicator_code,
        100 * rd_expenditure / nullif(gdp, 0) as value
    from observed_values
    union all
    select
        observed_values.unit_key,
        observed_values.period,
        'gdp_growth_all_units' as indicator_code,
        growth.value
    from observed_values
    inner join growth
        on observed_values.period = growth.period
    where observed_values.gdp_revised is not null

)

select
    derived.unit_key,
    derived.period,
    indicators.indicator_key,
    derived.value

from derived
inner join {{ ref('int_catalog__indicators') }} as indicators
    on derived.indicator_code = indicators.indicator_code
where
    derived.value is not null
    and derived.indicator_code not in (select accepted.indicator_code from accepted)

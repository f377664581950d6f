{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'official_mean': 0, 'official_sd': 0, 'official_min': 0, 'official_max': 0,
    'revised_mean': 0, 'revised_sd': 0, 'revised_min': 0, 'revised_max': 0,
    'difference_mean': 1, 'difference_sd': 1, 'difference_min': 1, 'difference_max': 1,
    'printed_mean': 0, 'printed_sd': 0, 'printed_cv': 3, 'official_cv': 3, 'cv_2020': 3,
    'cv_2020_population': 3, 'cv_2020_weighted': 3, 'cv_smallest': 3,
    'cv_smallest_population': 3, 'cv_largest': 3,
} %}
{%- set statistics = ['mean', 'sd', 'min', 'max'] %}

with

nbs as (

    select * from {{ ref('nbs') }}

),

units as (

    select * from {{ ref('units') }}

),

table_2 as (

    select * from {{ ref('song_liu_2025_table_2') }}

),

claims as (

    select * from {{ ref('song_liu_2025_claims') }}

),

printed as (

    select
        mean as printed_mean,
        standard_deviation as printed_sd,
        minimum as printed_min,
        maximum as printed_max,
        power(10, -decimals) / 2 as half,
        coefficient_of_variation as characteristic_cv,
        power(10, -characteristics_decimals) / 2 as characteristic_half
    from table_2
    where variable_code = 'pgdp'

),

provinces as (

    select
        province_code,
        {{ adapter.quote('year') }} as period,
        gdp_per_capita_yuan as official,
        gdp_as_published_100m_yuan / nullif(gdp_per_capita_yuan, 0) as population,
        gdp_per_capita_yuan * gdp_revised_100m_yuan / nullif(gdp_as_published_100m_yuan, 0)
            as revised
    from nbs

),

pooled as (

    select
        {%- for basis in ['official', 'revised'] %}
        avg({{ basis }}) as {{ basis }}_mean,
        stddev_samp({{ basis }}) as {{ basis }}_sd,
        min({{ basis }}) as {{ basis }}_min,
        max({{ basis }}) as {{ basis }}_max{{ ',' if not loop.last }}
        {%- endfor %}
    from provinces

),

extremes as (

    select
        {%- for end in ['min', 'max'] %}
        max(
            case
                when provinces.official = pooled.official_{{ end }}
                    then
                        units.name_en || ' in '
                        || cast(provinces.period as {{ dbt.type_string() }})
            end
        ) as official_{{ end }}_where{{ ',' if not loop.last }}
        {%- endfor %}
    from provinces
    cross join pooled
    inner join units
        on provinces.province_code = units.unit_id

),

years as (

    select
        period,
        stddev_samp(official) / nullif(avg(official), 0) as cv,
        stddev_pop(official) / nullif(avg(official), 0) as cv_population,
        sum(population * official) / nullif(sum(population), 0) as weighted_mean,
        sum(population * official * official) / nullif(sum(population), 0) as weighted_square
    from provinces
    group by period

),

variations as (

    select
        max(case when period = 2020 then cv end) as cv_2020,
        max(case when period = 2020 then cv_population end) as cv_2020_population,
        max(
            case
                when period = 2020
                    then
                        sqrt(greatest(weighted_square - weighted_mean * weighted_mean, 0))
                        / nullif(weighted_mean, 0)
            end
        ) as cv_2020_weighted,
        min(cv) as cv_smallest,
        min(cv_population) as cv_smallest_population,
        max(cv) as cv_largest
    from years

),

figures as (

    select
        printed.*,
        pooled.*,
        extremes.*,
        variations.*,
        {%- for statistic in statistics %}
        100 * (pooled.official_{{ statistic }} - printed.printed_{{ statistic }})
        / nullif(printed.printed_{{ statistic }}, 0) as difference_{{ statistic }},
        {%- endfor %}
        pooled.official_sd / nullif(pooled.official_mean, 0) as official_cv,
        printed.printed_sd / nullif(printed.printed_mean, 0) as printed_cv,
        (printed.printed_sd - printed.half) / nullif(printed.printed_mean + printed.half, 0)
            as printed_cv_lower,
        (printed.printed_sd + printed.half) / nullif(printed.printed_mean - printed.half, 0)
            as printed_cv_upper,
        printed.characteristic_cv - printed.characteristic_half as characteristic_cv_lower,
        printed.characteristic_cv + printed.characteristic_half as characteristic_cv_upper
    from printed
    cross join pooled
    cross join extremes
    cross join variations

),

checks as (
    {% for statistic in statistics %}
    select
        'song_liu_2025_table_2_pgdp_{{ statistic }}' as claim_code,
        printed_{{ statistic }} as published,
        official_{{ statistic }} as recomputed,
        printed_{{ statistic }} - half as {{ adapter.quote('lower') }},
        printed_{{ statistic }} + half as {{ adapter.quote('upper') }},
        official_{{ statistic }} between printed_{{ statistic }} - half
        and printed_{{ statistic }} + half as holds
    from figures
    union all
    {%- endfor %}
    select
        'song_liu_2025_table_2_pgdp_variation_pooled' as claim_code,
        characteristic_cv as published,
        printed_cv as recomputed,
        printed_cv_lower as {{ adapter.quote('lower') }},
        printed_cv_upper as {{ adapter.quote('upper') }},
        printed_cv_lower <= characteristic_cv_upper
        and printed_cv_upper >= characteristic_cv_lower as holds
    from figures
    union all
    select
        'song_liu_2025_table_2_pgdp_variation_2020' as claim_code,
        characteristic_cv as published,
        cv_2020 as recomputed,
        characteristic_cv_lower as {{ adapter.quote('lower') }},
        characteristic_cv_upper as {{ adapter.quote('upper') }},
        cv_2020 between characteristic_cv_lower and characteristic_cv_upper as holds
    from figures

),

{{ filled_explanations(decimals) }}

select
    checks.claim_code,
    checks.published,
    checks.recomputed,
    checks.{{ adapter.quote('lower') }},
    checks.{{ adapter.quote('upper') }},
    checks.holds,
    replace(
        replace(filled.explanation, '{official_min_where}', figures.official_min_where),
        '{official_max_where}',
        figures.official_max_where
    ) as explanation

from checks
inner join filled
    on checks.claim_code = filled.claim_code
cross join figures

{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'n': 0, 'n_cells': 0, 'n_official': 0, 'n_east': 0, 'n_central': 0, 'n_west': 0,
    'n_not_east': 0, 'n_all': 0, 'fr_mean': 2, 'fr_east': 2, 'fr_west': 2, 'fr_central': 2,
    'fr_central_lower': 4, 'fr_central_upper': 4, 'fr_two_regions': 3, 'fr_two_regions_lower': 3,
    'fr_two_regions_upper': 3, 'fr_not_east': 2, 'one_over_n': 6, 'smallest_maximum': 4,
    'scdbi_min': 4, 'scdbi_max': 4, 'scdbi_stated_max': 2, 'fr_sd': 2, 'fr_sd_lower': 3,
    'fr_sd_upper': 3, 'scdbi_sd': 4, 'scdbi_sd_lower': 5, 'scdbi_sd_upper': 5, 'pgdp_sd': 0,
    'pgdp_sd_lower': 0, 'pgdp_sd_upper': 0, 'fin_sd': 2, 'fin_sd_lower': 3, 'fin_sd_upper': 3,
    'fin_min_deviations': 2, 'most_deviations': 1, 'fin_ratio': 0, 'fin_min_share': 1,
    'fin_correlation': 2, 'fin_t': 1, 'fin_t_provinces': 1, 'critical_t': 2,
} %}
{%- set variables = ['fr', 'scdbi', 'pgdp', 'fin'] %}
{#- Two-sided 1 % point of Student's t with 31 - 2 degrees of freedom, from the tables. -#}
{%- set critical_t = 2.756 %}

with

table_2 as (

    select * from {{ ref('song_liu_2025_table_2') }}

),

claims as (

    select * from {{ ref('song_liu_2025_claims') }}

),

nbs as (

    select * from {{ ref('nbs') }}

),

units as (

    select * from {{ ref('units') }}
    where unit_id in (select nbs.province_code from nbs)

),

stated as (

    select
        max(
            case when claim_code = 'song_liu_2025_table_1_number_of_indicators' then stated end
        ) as n_indicators,
        max(
            case when claim_code = 'song_liu_2025_table_2_scdbi_range' then stated end
        ) as scdbi_stated_max
    from claims

),

sample as (

    select
        count(distinct province_code) as n_provinces,
        count(distinct province_code) * count(distinct {{ adapter.quote('year') }}) as n_cells,
        count(gdp_per_capita_yuan) as n_official
    from nbs

),

regions as (

    select
        sum(case when region = 'east' then 1 else 0 end) as n_east,
        sum(case when region = 'central' then 1 else 0 end) as n_central,
        sum(case when region = 'west' then 1 else 0 end) as n_west,
        sum(case when region <> 'east' then 1 else 0 end) as n_not_east
    from units

),

printed as (

    select
        min(observations) as n_smallest,
        max(observations) as n,
        {%- for variable in variables %}
        {%- for statistic, column in {
            'mean': 'mean',
            'sd': 'standard_deviation',
            'min': 'minimum',
            'max': 'maximum',
            'half': 'power(10, -decimals) / 2',
        }.items() %}
        max(case when variable_code = '{{ variable }}' then {{ column }} end)
            as {{ variable }}_{{ statistic }},
        {%- endfor %}
        {%- endfor %}
        max(case when variable_code = 'fr' then east_mean end) as fr_east,
        max(case when variable_code = 'fr' then west_mean end) as fr_west,
        max(case when variable_code = 'fr' then power(10, -characteristics_decimals) end) / 2
            as fr_region_half,
        max(correlation_with_scdbi) as fin_correlation,
        max(case when variable_code = 'fin' then power(10, -characteristics_decimals) end) / 2
            as fin_correlation_half
    from table_2

),

joined as (

    select
        printed.*,
        stated.*,
        sample.*,
        regions.*,
        regions.n_east + regions.n_central + regions.n_west as n_all
    from printed
    cross join stated
    cross join sample
    cross join regions

),

-- Distances of the mean from the two ends, the smallest and the largest that rounding allows.
distances as (

    select
        *,
        {%- for variable in variables %}
        greatest({{ variable }}_max - {{ variable }}_mean - 2 * {{ variable }}_half, 0)
            as {{ variable }}_above_lower,
        {{ variable }}_max - {{ variable }}_mean + 2 * {{ variable }}_half
            as {{ variable }}_above_upper,
        greatest({{ variable }}_mean - {{ variable }}_min - 2 * {{ variable }}_half, 0)
            as {{ variable }}_below_lower,
        {{ variable }}_mean - {{ variable }}_min + 2 * {{ variable }}_half
            as {{ variable }}_below_upper{{ ',' if not loop.last }}
        {%- endfor %}
    from joined

),

figures as (

    select
        *,
        1.0 / nullif(n, 0) as one_over_n,
        scdbi_mean - scdbi_half as scdbi_mean_lower,
        scdbi_mean + scdbi_half as scdbi_mean_upper,
        1.0 / nullif(n_indicators, 0) as smallest_maximum,
        {%- for variable in variables %}
        -- Least: one observation at each end, the rest together where they keep the mean.
        sqrt(
            (
                {{ variable }}_above_lower * {{ variable }}_above_lower
                + {{ variable }}_below_lower * {{ variable }}_below_lower
                + ({{ variable }}_above_lower - {{ variable }}_below_lower)
                * ({{ variable }}_above_lower - {{ variable }}_below_lower) / nullif(n - 2, 0)
            ) / nullif(n - 1, 0)
        ) as {{ variable }}_sd_lower,
        -- Most: Bhatia and Davis, for the standard deviation that divides by n - 1.
        sqrt({{ variable }}_above_upper * {{ variable }}_below_upper * n / nullif(n - 1, 0))
            as {{ variable }}_sd_upper,
        {%- endfor %}
        (fr_mean * n_all - fr_east * n_east - fr_west * n_west) / nullif(n_central, 0)
            as fr_central,
        (
            (fr_mean - fr_half) * n_all
            - (fr_east + fr_region_half) * n_east
            - (fr_west + fr_region_half) * n_west
        ) / nullif(n_central, 0) as fr_central_lower,
        (
            (fr_mean + fr_half) * n_all
            - (fr_east - fr_region_half) * n_east
            - (fr_west - fr_region_half) * n_west
        ) / nullif(n_central, 0) as fr_central_upper,
        (fr_east * n_east + fr_west * n_not_east) / nullif(n_all, 0) as fr_two_regions,
        (fr_east * n_east + fr_west * n_not_east) / nullif(n_all, 0) - fr_region_half
            as fr_two_regions_lower,
        (fr_east * n_east + fr_west * n_not_east) / nullif(n_all, 0) + fr_region_half
            as fr_two_regions_upper,
        (fr_mean * n_all - fr_east * n_east) / nullif(n_not_east, 0) as fr_not_east,
        (fin_mean - fin_min) / nullif(fin_sd, 0) as fin_min_deviations,
        -- Samuelson, for the standard deviation that divides by n - 1.
        (n - 1) / nullif(sqrt(n), 0) as most_deviations,
        fin_mean - fin_half - (fin_sd + fin_half) * (n - 1) / nullif(sqrt(n), 0)
            as fin_min_lower,
        -- All observations but one lie at the minimum.
        fin_mean + fin_half - (fin_sd - fin_half) / nullif(sqrt(n), 0) as fin_min_upper,
        exp(fin_mean - fin_min) as fin_ratio,
        100 * (fin_mean - fin_min) * (fin_mean - fin_min)
        / nullif((n - 1) * fin_sd * fin_sd, 0) as fin_min_share,
        {%- for figure, rows, correlation in [
            ('fin_t', 'n', 'fin_correlation'),
            ('fin_t_lower', 'n', '(fin_correlation - fin_correlation_half)'),
            ('fin_t_upper', 'n', '(fin_correlation + fin_correlation_half)'),
            ('fin_t_provinces', 'n_provinces', 'fin_correlation'),
            ('fin_t_provinces_lower', 'n_provinces', '(fin_correlation - fin_correlation_half)'),
        ] %}
        {{ correlation }} * sqrt(
            greatest({{ rows }} - 2, 0) / nullif(1 - {{ correlation }} * {{ correlation }}, 0)
        ) as {{ figure }},
        {%- endfor %}
        {{ critical_t }} as critical_t
    from distances

),

checks as (
    {% for variable in variables %}
    select
        'song_liu_2025_table_2_{{ variable }}_spread' as claim_code,
        {{ variable }}_sd as published,
        cast(null as double) as recomputed,
        {{ variable }}_sd_lower as {{ adapter.quote('lower') }},
        {{ variable }}_sd_upper as {{ adapter.quote('upper') }},
        {{ variable }}_sd between {{ variable }}_sd_lower and {{ variable }}_sd_upper as holds
    from figures
    union all
    {%- endfor %}
    select
        'song_liu_2025_table_2_observations' as claim_code,
        n as published,
        n_cells as recomputed,
        cast(null as double) as {{ adapter.quote('lower') }},
        cast(null as double) as {{ adapter.quote('upper') }},
        n_smallest = n_cells and n = n_cells and n = n_official as holds
    from figures
    union all
    select
        'song_liu_2025_table_2_fr_regions_three' as claim_code,
        cast(null as double) as published,
        fr_central as recomputed,
        fr_central_lower as {{ adapter.quote('lower') }},
        fr_central_upper as {{ adapter.quote('upper') }},
        fr_central_lower <= fr_west and fr_central_upper >= fr_east as holds
    from figures
    union all
    select
        'song_liu_2025_table_2_fr_regions_two' as claim_code,
        fr_mean as published,
        fr_two_regions as recomputed,
        fr_two_regions_lower as {{ adapter.quote('lower') }},
        fr_two_regions_upper as {{ adapter.quote('upper') }},
        fr_two_regions_lower <= fr_mean + fr_half
        and fr_two_regions_upper >= fr_mean - fr_half as holds
    from figures
    union all
    select
        'song_liu_2025_table_2_scdbi_mean' as claim_code,
        scdbi_mean as published,
        one_over_n as recomputed,
        scdbi_mean_lower as {{ adapter.quote('lower') }},
        scdbi_mean_upper as {{ adapter.quote('upper') }},
        one_over_n between scdbi_mean_lower and scdbi_mean_upper as holds
    from figures
    union all
    select
        'song_liu_2025_table_2_scdbi_of_shares' as claim_code,
        cast(null as double) as published,
        cast(null as double) as recomputed,
        cast(null as double) as {{ adapter.quote('lower') }},
        cast(null as double) as {{ adapter.quote('upper') }},
        one_over_n between scdbi_mean_lower and scdbi_mean_upper
        and scdbi_max + scdbi_half < smallest_maximum as holds
    from figures
    union all
    select
        'song_liu_2025_table_2_scdbi_range' as claim_code,
        cast(null as double) as published,
        cast(null as double) as recomputed,
        cast(null as double) as {{ adapter.quote('lower') }},
        cast(null as double) as {{ adapter.quote('upper') }},
        scdbi_min >= 0 and scdbi_max <= scdbi_stated_max as holds
    from figures
    union all
    select
        'song_liu_2025_table_2_fin_minimum' as claim_code,
        fin_min as published,
        cast(null as double) as recomputed,
        fin_min_lower as {{ adapter.quote('lower') }},
        fin_min_upper as {{ adapter.quote('upper') }},
        fin_min between fin_min_lower and fin_min_upper as holds
    from figures
    union all
    select
        'song_liu_2025_table_2_fin_correlation' as claim_code,
        fin_correlation as published,
        cast(null as double) as recomputed,
        cast(null as double) as {{ adapter.quote('lower') }},
        cast(null as double) as {{ adapter.quote('upper') }},
        cast(null as boolean) as holds
    from figures
    union all
    select
        'song_liu_2025_table_2_fin_correlation_stars' as claim_code,
        cast(null as double) as published,
        fin_t as recomputed,
        fin_t_lower as {{ adapter.quote('lower') }},
        fin_t_upper as {{ adapter.quote('upper') }},
        fin_t_provinces_lower < critical_t as holds
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
    filled.explanation

from checks
inner join filled
    on checks.claim_code = filled.claim_code

{#- Printed numbers by the name that they have here. -#}
{%- set numbers = {
    'scdbi': 'table_3_scdbi_coefficient', 'scdbi_se': 'table_3_scdbi_standard_error',
    'pgdp': 'table_3_pgdp_coefficient', 'fin': 'table_3_fin_coefficient',
    'infrastructure': 'section_4_3_1_data_infrastructure_coefficient',
    'technology': 'section_4_3_1_digital_technology_coefficient',
    'policy': 'section_4_3_1_policy_coordination_coefficient',
    'two_stage': 'section_4_3_3_2sls_coefficient',
    'comprehensive': 'section_4_3_3_comprehensive_risk_coefficient',
    'share': 'share_of_total_effect', 'rho': 'instrument_correlation',
    'f': 'first_stage_f', 'f_rule': 'first_stage_f_rule',
    'scdbi_sd': 'table_2_scdbi_sd', 'fin_sd': 'table_2_fin_sd',
} %}

{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'n': 0, 'n_provinces': 0, 'df': 0, 'scdbi': 2, 'scdbi_se': 2, 'pgdp': 2, 'fin': 2,
    'infrastructure': 2, 'technology': 2, 'policy': 2, 'two_stage': 2, 'comprehensive': 2,
    'share': 0, 'rho': 2, 'f': 1, 'f_rule': 0, 'sum_of_two': 2, 'rho_t_provinces': 1,
    'critical_t': 2, 'partial_correlation': 2, 'fin_of_a_deviation': 2,
    'score_of_a_deviation': 4, 'percent_of_a_deviation': 2, 'density_within': 2, 'fin_sd': 2,
    'scdbi_sd': 4,
} %}

{%- set checks = {
    'section_4_2_hypothesis': {'holds': 'null'},
    'section_4_2_weaker': {'holds': 'null'},
    'section_4_3_1_share_of_table_3': {
        'published': 'share',
        'formula': '100 * (infrastructure + technology) / scdbi',
        'inputs': ['infrastructure', 'technology', 'scdbi'],
        'places': 1,
    },
    'section_4_3_1_share_of_all_five': {
        'holds': 'null',
        'formula': '(infrastructure + technology) * (100 / share - 1) - policy',
        'inputs': ['infrastructure', 'technology', 'share', 'policy'],
    },
    'section_4_3_1_policy': {'published': 'policy', 'holds': 'null'},
    'section_4_3_3_correlation_stars': {
        'formula': 'rho * sqrt((n - 2) / (1 - rho * rho))',
        'inputs': ['rho'],
        'exact': ['n'],
        'holds': 'rho_t_provinces_lower < critical_t',
        'places': 1,
    },
    'section_4_3_3_f_without_controls': {
        'published': 'f',
        'formula': 'rho * rho * (n - 2) / (1 - rho * rho)',
        'inputs': ['rho'],
        'exact': ['n'],
        'places': 0,
    },
    'section_4_3_3_f_with_controls': {'published': 'f', 'holds': 'null'},
    'section_4_3_3_f_above_ten': {
        'published': 'f',
        'lower': 'f - f_half',
        'upper': 'f + f_half',
        'holds': 'f - f_half > f_rule',
    },
    'section_4_3_3_two_stage': {
        'formula': 'abs(two_stage - scdbi) / scdbi_se',
        'inputs': ['two_stage', 'scdbi', 'scdbi_se'],
        'holds': adapter.quote('upper') ~ ' < 1',
    },
    'section_4_3_3_endogeneity': {'published': 'two_stage', 'holds': 'null'},
    'section_4_3_3_comprehensive': {'published': 'comprehensive', 'holds': 'null'},
} %}
{#- Two-sided 1 % point of Student's t with 31 - 2 degrees of freedom, from the tables. -#}
{%- set critical_t = 2.756 %}

with

claims as (

    select * from {{ ref('song_liu_2025_claims') }}

),

{{ printed_numbers(numbers) }}

-- Population is GDP over GDP per capita, both as first published.
densities as (

    select
        nbs.province_code,
        nbs.gdp_as_published_100m_yuan / nbs.gdp_per_capita_yuan / areas.land_area_10k_km2
            as density
    from {{ ref('nbs') }} as nbs
    inner join {{ ref('nbs_land_area') }} as areas
        on nbs.province_code = areas.province_code

),

sample as (

    select
        count(*) as n,
        count(distinct province_code) as n_provinces,
        count(*) - count(distinct province_code)
        - (count(distinct {{ adapter.quote('year') }}) - 1) as df_of_effects
    from {{ ref('nbs') }}

),

regressors as (

    select count(*) as n_regressors
    from {{ ref('song_liu_2025_coefficients') }}
    where table_ref = 'Table 3'

),

means as (

    select
        province_code,
        avg(density) as mean_density
    from densities
    group by province_code

),

within_provinces as (

    select 100 * (1 - var_pop(means.mean_density) / var_pop(densities.density)) as density_within
    from densities
    inner join means
        on densities.province_code = means.province_code

),

figures as (

    select
        printed.*,
        sample.n,
        sample.n_provinces,
        sample.df_of_effects - regressors.n_regressors as df,
        within_provinces.density_within,
        abs(printed.infrastructure + printed.technology) as sum_of_two,
        {{ critical_t }} as critical_t,
        {%- for figure, rho in {
            'rho_t_provinces': 'printed.rho',
            'rho_t_provinces_lower': '(printed.rho - printed.rho_half)',
        }.items() %}
        {{ rho }} * sqrt((sample.n_provinces - 2) / (1 - {{ rho }} * {{ rho }})) as {{ figure }},
        {%- endfor %}
        sqrt(
            printed.f / (printed.f + sample.df_of_effects - regressors.n_regressors)
        ) as partial_correlation,
        abs(printed.fin) * printed.fin_sd as fin_of_a_deviation,
        abs(printed.scdbi) * printed.scdbi_sd as score_of_a_deviation,
        abs(printed.scdbi) * 100 * printed.scdbi_sd as percent_of_a_deviation
    from printed
    cross join sample
    cross join regressors
    cross join within_provinces

),

{{ rounding_box(checks) }}

{{ recomputed_checks('song_liu_2025', checks) }},

{{ filled_explanations(decimals) }}

{{ explained_checks() }}

{#- Printed numbers by the name that they have here. -#}
{%- set numbers = {
    'economy_2020': 'digital_economy_2020', 'economy_2023': 'digital_economy_2023',
    'share': 'digital_economy_share', 'vulnerable': 'credit_coverage_vulnerable',
    'alternative': 'alternative_data_coverage',
    'suzhou_2019': 'table_5_credit_coverage_value_2019',
    'accuracy_before': 'accuracy_before', 'accuracy_after': 'accuracy_after',
    'aim_from': 'accuracy_aim_from', 'aim_to': 'accuracy_aim_to',
    'accuracy_lead': 'accuracy_lead', 'days': 'approval_days_before',
    'hours': 'approval_hours_after', 'satisfaction_2019': 'satisfaction_2019',
    'satisfaction_2023': 'satisfaction_2023', 'lead': 'satisfaction_lead',
    'efficiency': 'financing_efficiency',
} %}

{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'economy_2020': 1, 'economy_2023': 1, 'share': 1, 'gdp_2022': 2, 'gdp_2023': 2,
    'economy_2022': 1, 'share_2022': 1, 'reported_share_2022': 1, 'reported_share_2023': 1,
    'reported_2020': 1, 'reported_2023': 1, 'vulnerable': 0, 'alternative': 0,
    'suzhou_2019': 0, 'accuracy_before': 0, 'accuracy_after': 0, 'aim_from': 0, 'aim_to': 0,
    'accuracy_lead': 0, 'days': 0, 'hours': 0, 'accuracy_points': 0, 'accuracy_relative': 1,
    'time_saved': 1, 'satisfaction_2019': 2, 'satisfaction_2023': 2, 'lead': 0,
    'national_average': 0,
} %}

{%- set checks = {
    'section_1_1_digital_economy': {
        'published': 'economy_2023',
        'recomputed': 'reported_2023',
        'holds': 'economy_2020 = reported_2020 and economy_2023 = reported_2023',
    },
    'section_1_1_share_of_gdp': {
        'published': 'share',
        'formula': '100 * economy_2023 / gdp_2023',
        'inputs': ['economy_2023'],
        'exact': ['gdp_2023'],
        'places': 1,
    },
    'section_1_1_coverage': {'published': 'vulnerable', 'holds': 'null'},
    'section_2_3_2_accuracy': {
        'published': 'accuracy_before',
        'formula': 'aim_from',
        'inputs': ['aim_from'],
    },
    'section_5_2_1_approval_time': {'published': 'hours', 'holds': 'null'},
    'section_5_2_2_national_average': {'published': 'lead', 'holds': 'null'},
    'section_5_2_2_accuracy': {'published': 'accuracy_lead', 'holds': 'null'},
    'section_7_1_financing_efficiency': {
        'published': 'efficiency',
        'formula': 'satisfaction_2023 - satisfaction_2019',
        'inputs': ['satisfaction_2023', 'satisfaction_2019'],
    },
} %}

with

claims as (

    select * from {{ ref('song_liu_2025_claims') }}

),

{{ printed_numbers(numbers) }}

economy as (

    select
        {%- for year in [2020, 2022, 2023] %}
        {%- set of_year = adapter.quote('year') ~ ' = ' ~ year %}
        max(case when {{ of_year }} then digital_economy_trillion_yuan end)
            as reported_{{ year }},
        max(case when {{ of_year }} then share_percent end) as reported_share_{{ year }},
        max(case when {{ of_year }} then gdp_100m_yuan end) / 10000 as gdp_{{ year }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('digital_economy_of_china') }}

),

figures as (

    select
        printed.*,
        economy.*,
        economy.reported_2022 as economy_2022,
        100 * economy.reported_2022 / economy.gdp_2022 as share_2022,
        printed.accuracy_after - printed.accuracy_before as accuracy_points,
        100 * (printed.accuracy_after / printed.accuracy_before - 1) as accuracy_relative,
        100 * (1 - printed.hours / (24 * printed.days)) as time_saved,
        printed.satisfaction_2023 - printed.lead as national_average
    from printed
    cross join economy

),

{{ rounding_box(checks) }}

{{ recomputed_checks('song_liu_2025', checks) }},

{{ filled_explanations(decimals) }}

{{ explained_checks() }}

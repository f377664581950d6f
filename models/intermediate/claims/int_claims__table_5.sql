{#- Measures, and how many decimals Table 5 has of 2019, 2023, the change and the simulated one. -#}
{%- set measures = {
    'credit_coverage': [0, 2, 2, 1], 'npl_ratio': [1, 1, 1, 2], 'financing_cost': [1, 1, 1, 1],
} %}

{#- Printed numbers by the name that they have here. -#}
{%- set numbers = {
    'open_data': 'open_data_contribution', 'technical_model': 'technical_contribution',
    'explanatory_power': 'explanatory_power', 'coverage_increase': 'coverage_increase',
    'npl_decrease': 'npl_decrease', 'coverage_claimed': 'credit_coverage_suzhou',
} %}

{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'open_data': 0, 'technical_model': 2, 'coverage_of_simulated': 1, 'coverage_claimed': 0,
    'coverage_increase': 0,
} %}

{%- set checks = {} %}
{%- for measure in measures %}
{%- for name, column in {
    'from': 'value_2019', 'to': 'value_2023', 'change': 'change', 'simulated': 'simulated'
}.items() %}
{%- set _ = numbers.update({
    measure ~ '_' ~ name: 'table_5_' ~ measure ~ '_' ~ column
}) %}
{%- set _ = decimals.update({measure ~ '_' ~ name: measures[measure][loop.index0]}) %}
{%- endfor %}
{%- set _ = decimals.update({
    measure ~ '_relative': 1, measure ~ '_share': 1, measure ~ '_left': measures[measure] | max,
}) %}
{%- set _ = checks.update({
    'table_5_' ~ measure ~ '_change': {
        'published': measure ~ '_change',
        'formula': measure ~ '_to - ' ~ measure ~ '_from',
        'inputs': [measure ~ '_to', measure ~ '_from'],
        'places': 3 if measure == 'credit_coverage' else 1,
    },
}) %}
{%- endfor %}
{%- set _ = checks.update({
    'table_5_rate_of_change': {
        'recomputed': 'largest_deviation',
        'upper': 'largest_allowed',
        'holds': 'rates_hold',
        'places': 1,
    },
    'table_5_credit_coverage_simulated': {
        'published': 'credit_coverage_simulated', 'holds': 'null',
    },
    'table_5_financing_cost_simulated': {
        'published': 'financing_cost_simulated', 'holds': 'null',
    },
    'table_5_open_data': {
        'published': 'open_data',
        'formula': '100 * (1 - credit_coverage_simulated / credit_coverage_change)',
        'inputs': ['credit_coverage_simulated', 'credit_coverage_change'],
        'places': 1,
    },
    'table_5_technical_model': {
        'published': 'technical_model',
        'formula': 'npl_ratio_simulated - npl_ratio_change',
        'inputs': ['npl_ratio_simulated', 'npl_ratio_change'],
        'places': 3,
    },
    'section_5_3_local_policies': {'holds': 'table_5_names_policy = 1'},
    'section_5_3_explanatory_power': {
        'published': 'explanatory_power',
        'formula': '100 * npl_ratio_simulated / npl_ratio_change',
        'inputs': ['npl_ratio_simulated', 'npl_ratio_change'],
        'holds': adapter.quote('upper') ~ ' > explanatory_power',
        'places': 1,
    },
    'abstract_coverage': {
        'published': 'coverage_increase',
        'formula': 'credit_coverage_change',
        'inputs': ['credit_coverage_change'],
    },
    'abstract_npl': {
        'published': 'npl_increase',
        'formula': 'npl_ratio_to - npl_ratio_from',
        'inputs': ['npl_ratio_to', 'npl_ratio_from'],
        'places': 1,
    },
    'section_2_3_1_coverage': {
        'published': 'coverage_claimed',
        'formula': 'credit_coverage_to',
        'inputs': ['credit_coverage_to'],
        'holds': adapter.quote('upper') ~ ' > coverage_claimed',
    },
}) %}

with

claims as (

    select * from {{ ref('song_liu_2025_claims') }}

),

{{ printed_numbers(numbers) }}

attributions as (

    select
        max(
            case
                when measure_code = 'npl_ratio'
                    then case when lower(explanation) like '%polic%' then 1 else 0 end
            end
        ) as table_5_names_policy
    from {{ ref('song_liu_2025_table_5') }}

),

-- Relative changes beside the printed ones, and how much rounding of values and change explains.
rates as (

    select
        printed.*,
        {%- for measure in measures %}
        100 * ({{ measure }}_to / {{ measure }}_from - 1) as {{ measure }}_relative,
        abs(100 * ({{ measure }}_to / {{ measure }}_from - 1) - {{ measure }}_change)
            as {{ measure }}_deviation,
        100 * (
            ({{ measure }}_to + {{ measure }}_to_half)
            / ({{ measure }}_from - {{ measure }}_from_half)
            - {{ measure }}_to / {{ measure }}_from
        ) + {{ measure }}_change_half as {{ measure }}_allowed,
        100 * {{ measure }}_simulated / {{ measure }}_change as {{ measure }}_share,
        {{ measure }}_change - {{ measure }}_simulated as {{ measure }}_left
        {{- ',' if not loop.last }}
        {%- endfor %}
    from printed

),

figures as (

    select
        rates.*,
        attributions.table_5_names_policy,
        -rates.npl_decrease as npl_increase,
        rates.npl_decrease_half as npl_increase_half,
        100 * (rates.credit_coverage_change / rates.credit_coverage_simulated - 1)
            as coverage_of_simulated,
        greatest(
            {%- for measure in measures %}
            rates.{{ measure }}_deviation{{ ',' if not loop.last }}
            {%- endfor %}
        ) as largest_deviation,
        greatest(
            {%- for measure in measures %}
            rates.{{ measure }}_allowed{{ ',' if not loop.last }}
            {%- endfor %}
        ) as largest_allowed,
        {%- for measure in measures %}
        rates.{{ measure }}_deviation <= rates.{{ measure }}_allowed
        {{- ' as rates_hold' if loop.last else ' and' }}
        {%- endfor %}
    from rates
    cross join attributions

),

{{ rounding_box(checks) }}

{{ recomputed_checks('song_liu_2025', checks) }},

{{ filled_explanations(decimals) }}

{{ explained_checks() }}

{%- set variables = ['scdbi', 'pgdp', 'fin', 'rd', 'gov'] %}

{#- Printed numbers by the name that they have here. -#}
{%- set numbers = {
    'r_squared': 'r_squared', 'fr_sd': 'table_2_fr_sd', 'scdbi_sd': 'table_2_scdbi_sd',
    'scdbi_max': 'table_2_scdbi_max', 'effect_per_unit': 'effect_per_unit',
    'significance': 'significance',
} %}

{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'n': 0, 'n_provinces': 0, 'n_years': 0, 'n_tests': 0, 'df': 0, 'df_clustered': 0,
    'df_from': 0, 'df_to': 0, 'scdbi_p_clustered': 6, 'pgdp_p_clustered': 4, 'scdbi_share': 1,
    'scdbi_max': 4, 'scdbi_sd': 4, 'fr_sd': 2, 'r_squared': 2, 'r_squared_needed': 4,
    'largest_effect': 4, 'largest_effect_x_100': 2, 'effect_per_unit': 2, 'n_different': 0,
} %}

{%- set checks = {} %}
{%- for variable in variables %}
{%- for name, column in {
    'b': 'coefficient', 'se': 'standard_error', 't': 't_value', 'p': 'p_value'
}.items() %}
{%- set _ = numbers.update({
    variable ~ '_' ~ name: 'table_3_' ~ variable ~ '_' ~ column
}) %}
{%- set _ = decimals.update({variable ~ '_' ~ name: 3 if name == 'p' else 2}) %}
{%- endfor %}
{%- set _ = decimals.update({variable ~ '_df_from': 0, variable ~ '_df_to': 0}) %}
{%- set _ = checks.update({
    'table_3_' ~ variable ~ '_t': {
        'published': variable ~ '_t',
        'formula': variable ~ '_b / ' ~ variable ~ '_se',
        'inputs': [variable ~ '_b', variable ~ '_se'],
    },
    'table_3_' ~ variable ~ '_p': {
        'published': variable ~ '_p',
        'recomputed': variable ~ '_p_value',
        'lower': variable ~ '_p_lower',
        'upper': variable ~ '_p_upper',
        'places': 6 if variable == 'scdbi' else 4,
    },
}) %}
{%- endfor %}

{#- With the moments of Table 2, the error of the residuals over the spread of the index. -#}
{%- set smallest_error = 'sqrt((1 - r_squared) / df) * fr_sd / scdbi_sd' %}
{%- set _ = checks.update({
    'table_3_stars': {'recomputed': 'n_different', 'holds': 'n_different = 0', 'places': 0},
    'table_3_degrees_of_freedom': {
        'recomputed': 'df',
        'lower': 'df_from',
        'upper': 'df_to',
        'holds': 'df between df_from and df_to',
        'places': 0,
    },
    'table_3_r_squared': {'published': 'r_squared', 'holds': 'null'},
    'table_3_unit_of_score': {
        'published': 'scdbi_se',
        'formula': smallest_error,
        'inputs': ['r_squared', 'fr_sd', 'scdbi_sd'],
        'exact': ['df'],
        'holds': adapter.quote('lower') ~ ' <= scdbi_se + scdbi_se_half',
    },
    'table_3_unit_of_hundredth': {
        'published': 'scdbi_se',
        'formula': smallest_error ~ ' / 100',
        'inputs': ['r_squared', 'fr_sd', 'scdbi_sd'],
        'exact': ['df'],
        'holds': adapter.quote('lower') ~ ' <= scdbi_se + scdbi_se_half',
        'places': 3,
    },
    'abstract_significance': {
        'published': 'significance',
        'recomputed': 'scdbi_p_value',
        'lower': 'scdbi_p_lower',
        'upper': 'scdbi_p_upper',
        'holds': 'scdbi_p_upper < significance and abs(scdbi_b) = effect_per_unit',
        'places': 7,
    },
}) %}

with

claims as (

    select * from {{ ref('song_liu_2025_claims') }}

),

{{ printed_numbers(numbers) }}

sample as (

    select
        count(*) as n,
        count(distinct province_code) as n_provinces,
        count(distinct {{ adapter.quote('year') }}) as n_years
    from {{ ref('nbs') }}

),

-- Three stars stand for p < 0.01 (abstract); 0.022 has two and 0.061 one.
stars as (

    select
        count(*) as n_tests,
        sum(
            case
                when
                    coalesce(length(stars), 0)
                    = case
                        when p_value < 0.01 then 3
                        when p_value < 0.05 then 2
                        when p_value < 0.1 then 1
                        else 0
                    end
                    then 0
                else 1
            end
        ) as n_different
    from {{ ref('song_liu_2025_coefficients') }}
    where table_ref = 'Table 3' and p_value is not null

),

degrees as (

    select
        sample.*,
        stars.*,
        sample.n - sample.n_provinces - (sample.n_years - 1) - stars.n_tests as df,
        sample.n_provinces - 1 as df_clustered
    from sample
    cross join stars

),

tests as (

    select * from {{ ref('published_t_tests') }}

),

agreeing as (

    select
        df,
        count(*) as n_agreeing
    from tests
    where agrees
    group by df

),

joint as (

    select
        min(agreeing.df) as df_from,
        max(agreeing.df) as df_to
    from agreeing
    inner join degrees
        on agreeing.n_agreeing = degrees.n_tests

),

p_values as (

    select
        {%- for variable in variables %}
        {%- set of_variable = "tests.coefficient_code = 'table_3_" ~ variable ~ "'" %}
        {%- for column in ['p_value', 'p_lower', 'p_upper'] %}
        max(case when {{ of_variable }} and tests.df = degrees.df then tests.{{ column }} end)
            as {{ variable }}_{{ column }},
        {%- endfor %}
        min(case when {{ of_variable }} and tests.agrees then tests.df end)
            as {{ variable }}_df_from,
        max(case when {{ of_variable }} and tests.agrees then tests.df end)
            as {{ variable }}_df_to,
        max(
            case when {{ of_variable }} and tests.df = degrees.df_clustered then tests.p_value end
        ) as {{ variable }}_p_clustered{{ ',' if not loop.last }}
        {%- endfor %}
    from tests
    cross join degrees

),

figures as (

    select
        printed.*,
        degrees.*,
        joint.*,
        p_values.*,
        100 * printed.scdbi_t * printed.scdbi_t
        / (printed.scdbi_t * printed.scdbi_t + degrees.df) as scdbi_share,
        abs(printed.scdbi_b) * printed.scdbi_max as largest_effect,
        abs(printed.scdbi_b) * 100 * printed.scdbi_max as largest_effect_x_100,
        1 - degrees.df * power(
            (printed.scdbi_se + printed.scdbi_se_half)
            * (printed.scdbi_sd + printed.scdbi_sd_half)
            / (printed.fr_sd - printed.fr_sd_half), 2
        ) as r_squared_needed
    from printed
    cross join degrees
    cross join joint
    cross join p_values

),

{{ rounding_box(checks) }}

{{ recomputed_checks('song_liu_2025', checks) }},

{{ filled_explanations(decimals) }}

{{ explained_checks() }}

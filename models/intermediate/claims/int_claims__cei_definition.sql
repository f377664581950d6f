{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'n_first_class': 0, 'n_third_class': 0, 'n_weights': 0, 'n_cities': 0, 'n_nonzero': 0,
    'eq_1_lower': 0, 'eq_1_upper': 0, 'eq_2_lower': 0, 'eq_2_upper': 0, 'weights_sum': 6,
    'weights_sum_lower': 6, 'weights_sum_upper': 6, 'n_studied': 0, 'studied_sum': 4,
    'share_LCH': 4, 'share_ETP': 4, 'share_SYS': 4, 'share_GOV': 4, 'share_DIS': 4, 'share_EDU': 4,
} %}
{%- set variables = ['LCH', 'ETP', 'SYS', 'GOV', 'DIS', 'EDU'] %}

with

claims as (

    select * from {{ ref('lin_gu_2015_claims') }}

),

{{ stated_numbers('lin_gu_2015', [
    'first_class_indices', 'third_class_indices', 'number_of_cities', 'cei_scale_eq_1',
    'cei_scale_eq_2', 'cei_scores_from_30', 'weights_sum', 'weights_of_six',
]) }}

hierarchy as (

    select
        count(distinct first_class_code) as n_first_class,
        count(distinct indicator_code) as n_third_class
    from {{ ref('lin_gu_2015_table_1') }}

),

cities as (

    select
        count(distinct variable_a) as n_variables,
        max(n_observations) as n_cities
    from {{ ref('stg_lin_gu__table_2') }}

),

tests as (

    select max(n_nonzero) as n_nonzero
    from {{ ref('published_location_tests') }}
    where sign_agrees

),

equations as (

    select
        {%- for equation in [1, 2] %}
        {%- for term in ['ratio', 'constant'] %}
        coalesce(
            max(case when equation = '{{ equation }}' and term = '{{ term }}' then coefficient end),
            0
        ) as eq_{{ equation }}_{{ term }}{{ ',' if not (loop.last and equation == 2) }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('lin_gu_2015_equations') }}

),

weights as (

    select
        count(*) as n_weights,
        -- The sum is off 1 in the last bit.
        round(sum(weight), 9) as weights_sum,
        sum(weight_half) as weights_sum_half,
        count(variable) as n_studied,
        round(sum(case when variable is not null then weight end), 9) as studied_sum,
        sum(case when variable is not null then weight_half end) as studied_sum_half,
        {%- for variable in variables %}
        max(case when variable = '{{ variable }}' then weight end)
        / sum(case when variable is not null then weight end)
            as share_{{ variable | lower }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_claims__cei_categories') }}

),

figures as (

    select
        stated.*,
        hierarchy.*,
        cities.*,
        tests.*,
        weights.*,
        {%- for equation in [1, 2] %}
        equations.eq_{{ equation }}_constant as eq_{{ equation }}_lower,
        equations.eq_{{ equation }}_constant + equations.eq_{{ equation }}_ratio
            as eq_{{ equation }}_upper,
        {%- endfor %}
        weights.weights_sum - weights.weights_sum_half as weights_sum_lower,
        weights.weights_sum + weights.weights_sum_half as weights_sum_upper
    from stated
    cross join hierarchy
    cross join cities
    cross join tests
    cross join weights
    cross join equations

),

{{ claim_checks('lin_gu_2015', {
    'first_class_indices': {
        'published': 'stated_first_class_indices',
        'recomputed': 'n_first_class',
        'holds': 'stated_first_class_indices = n_first_class',
    },
    'third_class_indices': {
        'recomputed': 'n_third_class',
        'holds': 'n_third_class >= stated_third_class_indices',
    },
    'number_of_cities': {
        'published': 'stated_number_of_cities',
        'recomputed': 'n_cities',
        'holds': 'stated_number_of_cities = n_cities',
    },
    'cei_scale_eq_1': {
        'published': 'stated_cei_scale_eq_1',
        'recomputed': 'eq_1_lower',
        'holds': 'stated_cei_scale_eq_1 = eq_1_lower',
    },
    'cei_scale_eq_2': {
        'published': 'stated_cei_scale_eq_2',
        'recomputed': 'eq_2_lower',
        'holds': 'stated_cei_scale_eq_2 = eq_2_lower',
    },
    'cei_scores_from_30': {'published': 'stated_cei_scores_from_30'},
    'weights_sum': {
        'published': 'stated_weights_sum',
        'recomputed': 'weights_sum',
        'lower': 'weights_sum_lower',
        'upper': 'weights_sum_upper',
        'holds': 'stated_weights_sum between weights_sum_lower and weights_sum_upper',
    },
    'weights_of_six': {
        'recomputed': 'studied_sum',
        'lower': 'studied_sum - studied_sum_half',
        'upper': 'studied_sum + studied_sum_half',
        'holds': 'n_studied = stated_weights_of_six and n_studied = n_variables',
    },
}) }},

{{ filled_explanations(decimals) }}

select
    checks.*,
    filled.explanation

from checks
inner join filled
    on checks.claim_code = filled.claim_code

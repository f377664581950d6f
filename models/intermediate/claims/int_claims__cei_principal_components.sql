{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'matrix_deviation': 4, 'eigenvalue_1_recomputed': 6, 'eigenvalue_2_recomputed': 6,
    'eigenvalue_3_recomputed': 6, 'eigenvalue_4_recomputed': 6, 'eigenvalue_5_recomputed': 6,
    'eigenvalue_6_recomputed': 6, 'norm': 5, 'eigenvalues_sum': 8, 'eigenvalues_sum_half': 8,
    'n_variables': 0, 'difference_deviation': 9, 'difference_allowed': 9,
    'proportion_deviation': 6, 'proportion_allowed': 6, 'cumulative_deviation': 6,
    'cumulative_allowed': 6, 'proportions_sum': 4, 'eigenvalue_1': 4, 'eigenvalue_2': 4,
    'share_1': 2, 'share_2': 2, 'share_3': 2, 'proportion_2': 4, 'first_to_second': 2,
    'share_of_four': 2, 'unrelated_share': 1, 'n_at_least_15': 0, 'n_at_least_20': 0, 'n_used': 0,
    'n_above_one': 0, 'n_for_80': 0, 'length_deviation': 7, 'length_allowed': 7,
    'product_deviation': 7, 'product_allowed': 7, 'residual': 6, 'n_residuals': 0,
    'residual_allowed': 6, 'loading_deviation': 6, 'loading_allowed': 6,
    'coefficient_deviation': 6, 'loading_GOV': 6, 'loading_EDU': 6, 'loading_SYS': 6,
    'weight_rank_GOV': 0, 'weight_rank_EDU': 0, 'pair_weight': 4, 'largest_pair_weight': 4,
    'correlation_LCH': 2, 'correlation_ETP': 2, 'correlation_SYS': 2, 'correlation_GOV': 2,
    'correlation_DIS': 2, 'correlation_EDU': 2, 'n_cities': 0, 'z1_of_30': 3, 'z1_of_100': 3,
    'deviations_to_30': 2, 'deviations_to_100': 2, 'largest_ranking': 3, 'largest_z1': 2,
    'mean_score_of_ranks': 0, 'lowest_score': 1, 'highest_score': 1, 'n_reversed': 0, 'score_coefficient_ETP': 2,
    'weight_ETP': 6,
} %}
{%- set variables = ['LCH', 'ETP', 'SYS', 'GOV', 'DIS', 'EDU'] %}
{%- set in_claims_of_one_share = {
    'first_component_share': 'share_1',
    'second_component_share': 'share_2',
    'four_components_share': 'share_of_four',
} %}

with

claims as (

    select * from {{ ref('lin_gu_2015_claims') }}

),

components as (

    select * from {{ ref('int_claims__cei_components') }}

),

loadings as (

    select * from {{ ref('int_claims__cei_loadings') }}

),

categories as (

    select * from {{ ref('int_claims__cei_categories') }}

),

matrix as (

    select * from {{ ref('stg_lin_gu__table_2') }}

),

equations as (

    select * from {{ ref('lin_gu_2015_equations') }}

),

{{ stated_numbers('lin_gu_2015', [
    'table_3_eigenvalues_sum', 'first_component_share', 'second_component_share',
    'first_twice_second', 'four_components_share', 'strong_conclusion',
    'components_at_least_15', 'components_at_least_20', 'score_of_at_least_30',
    'score_of_at_most_100',
]) }}

symmetry as (

    select
        max(
            case
                when matrix.variable_a = matrix.variable_b
                    then abs(matrix.{{ adapter.quote('value') }} - 1)
                else
                    abs(
                        matrix.{{ adapter.quote('value') }}
                        - mirrored.{{ adapter.quote('value') }}
                    )
            end
        ) as matrix_deviation,
        max(abs(matrix.{{ adapter.quote('value') }})) as largest_correlation,
        max(matrix.n_observations) as n_cities
    from matrix
    inner join matrix as mirrored
        on matrix.variable_a = mirrored.variable_b and matrix.variable_b = mirrored.variable_a

),

-- A share is counted as kept where its rounding leaves no doubt (_lower), or some (_upper).
tables as (

    select
        max(components.n_variables) as n_variables,
        max(components.norm) as norm,
        sum(components.eigenvalue) as eigenvalues_sum,
        sum(components.eigenvalue_half) as eigenvalues_sum_half,
        sum(components.proportion) as proportions_sum,
        {%- for component in range(1, 7) %}
        {%- for column in [
            'eigenvalue', 'eigenvalue_half', 'proportion', 'recomputed_eigenvalue',
        ] %}
        max(case when components.component = {{ component }} then components.{{ column }} end)
            as {{ column }}_{{ component }},
        {%- endfor %}
        max(
            case
                when components.component = {{ component }}
                    then 100 * components.recomputed_proportion
            end
        ) as share_{{ component }},
        {%- endfor %}
        100 * max(
            case when components.component = 4 then components.recomputed_cumulative end
        ) as share_of_four,
        100 * max(
            case when components.component = 4 then components.recomputed_cumulative_half end
        ) as share_of_four_half,
        {%- for column in [
            'difference', 'proportion', 'cumulative', 'length', 'loading',
        ] %}
        max(components.{{ column }}_deviation) as {{ column }}_deviation,
        max(components.{{ column }}_allowed) as {{ column }}_allowed,
        max(
            case
                when components.{{ column }}_deviation > components.{{ column }}_allowed then 1
                when components.{{ column }}_deviation is not null then 0
            end
        ) as n_{{ column }}_beyond,
        {%- endfor %}
        {%- for percent in [15, 20] %}
        {%- for end, half in {
            '': '',
            '_lower': ' - components.recomputed_proportion_half',
            '_upper': ' + components.recomputed_proportion_half',
        }.items() %}
        sum(
            case
                when
                    100 * (components.recomputed_proportion{{ half }})
                    >= stated.stated_components_at_least_{{ percent }}
                    then 1
                else 0
            end
        ) as n_at_least_{{ percent }}{{ end }},
        {%- endfor %}
        {%- endfor %}
        sum(case when components.eigenvalue > 1 then 1 else 0 end) as n_above_one,
        min(case when components.recomputed_cumulative >= 0.8 then components.component end)
            as n_for_80
    from components
    cross join stated

),

products as (

    select
        abs(sum(one.loading * other.loading)) as product,
        sum(
            one.loading_half * abs(other.loading)
            + other.loading_half * (abs(one.loading) + one.loading_half)
        ) as product_allowed
    from loadings as one
    inner join loadings as other
        on one.variable = other.variable and one.component < other.component
    group by one.component, other.component

),

orthogonality as (

    select
        max(product) as product_deviation,
        max(product_allowed) as product_allowed,
        max(case when product > product_allowed then 1 else 0 end) as n_products_beyond
    from products

),

residuals as (

    select
        count(*) as n_residuals,
        max(abs(residual)) as residual,
        max(residual_allowed) as residual_allowed,
        max(case when abs(residual) > residual_allowed then 1 else 0 end) as n_residuals_beyond
    from loadings

),

coefficients as (

    select
        max(abs(equations.coefficient - loadings.loading)) as coefficient_deviation,
        sum(abs(equations.coefficient)) as coefficients_size,
        sum(equations.coefficient) as coefficients_sum
    from loadings
    left join equations
        on loadings.variable = equations.term and equations.equation = '5'
    where loadings.component = 1

),

score as (

    select
        max(case when term = 'Z1' then coefficient end) as score_slope,
        max(case when term = 'constant' then coefficient end) as score_constant,
        sum(case when term like 'Z%' then 1 else 0 end) as n_used
    from equations
    where equation = 'figure 2'

),

reversals as (

    select
        {%- for variable in variables %}
        max(
            case
                when equations.term = '{{ variable }}'
                    then score.score_slope * equations.coefficient
            end
        ) as score_coefficient_{{ variable | lower }},
        {%- endfor %}
        sum(case when score.score_slope * equations.coefficient > 0 then 1 else 0 end) as n_reversed
    from equations
    cross join score
    where equations.equation = '5'

),

influence as (

    select
        {%- for variable in variables %}
        {%- for column in ['loading', 'size_rank', 'weight', 'weight_half', 'weight_rank'] %}
        max(case when variable = '{{ variable }}' then {{ column }} end)
            as {{ column }}_{{ variable | lower }},
        {%- endfor %}
        max(case when variable = '{{ variable }}' then with_weighted_sum end)
        / nullif(sqrt(greatest(sum(weight * with_weighted_sum), 0)), 0)
            as correlation_{{ variable | lower }},
        {%- endfor %}
        sum(case when weight_rank <= 2 then weight end) as largest_pair_weight
    from categories

),

joined as (

    select
        stated.*,
        symmetry.*,
        tables.*,
        orthogonality.*,
        residuals.*,
        coefficients.*,
        score.*,
        reversals.*,
        influence.*,
        sqrt(tables.eigenvalue_1) as z1_deviation,
        -- Ranks 1 to n have the mean (n + 1) / 2 and the variance (n^2 - 1) / 12.
        sqrt(3.0 * (symmetry.n_cities - 1) / (symmetry.n_cities + 1)) as largest_ranking
    from stated
    cross join symmetry
    cross join tables
    cross join orthogonality
    cross join residuals
    cross join coefficients
    cross join score
    cross join reversals
    cross join influence

),

figures as (

    select
        *,
        {%- for component in range(1, 7) %}
        recomputed_eigenvalue_{{ component }} as eigenvalue_{{ component }}_recomputed,
        {%- endfor %}
        100 * eigenvalue_half_1 / nullif(n_variables, 0) as share_1_half,
        100 * eigenvalue_half_2 / nullif(n_variables, 0) as share_2_half,
        eigenvalue_1 / nullif(eigenvalue_2, 0) as first_to_second,
        (eigenvalue_1 - eigenvalue_half_1) / nullif(eigenvalue_2 + eigenvalue_half_2, 0)
            as first_to_second_lower,
        (eigenvalue_1 + eigenvalue_half_1) / nullif(eigenvalue_2 - eigenvalue_half_2, 0)
            as first_to_second_upper,
        100.0 * 4 / nullif(n_variables, 0) as unrelated_share,
        weight_gov + weight_edu as pair_weight,
        weight_half_gov + weight_half_edu as pair_weight_half,
        coefficients_size * largest_ranking as largest_z1,
        score_constant - abs(score_slope) * coefficients_size * largest_ranking as lowest_score,
        score_constant + abs(score_slope) * coefficients_size * largest_ranking as highest_score,
        score_constant + score_slope * coefficients_sum * (n_cities + 1) / 2 as mean_score_of_ranks,
        -- The least spread that the variance allows: all cities but one at one point.
        score_constant - abs(score_slope) * z1_deviation / nullif(sqrt(n_cities), 0)
            as lowest_score_upper,
        score_constant + abs(score_slope) * z1_deviation / nullif(sqrt(n_cities), 0)
            as highest_score_lower,
        (stated_score_of_at_least_30 - score_constant) / nullif(score_slope, 0) as z1_of_30,
        (stated_score_of_at_most_100 - score_constant) / nullif(score_slope, 0) as z1_of_100,
        abs(stated_score_of_at_least_30 - score_constant)
        / nullif(abs(score_slope) * z1_deviation, 0) as deviations_to_30,
        abs(stated_score_of_at_most_100 - score_constant)
        / nullif(abs(score_slope) * z1_deviation, 0) as deviations_to_100
    from joined

),

{%- set checked = {
    'table_2_covariance': {
        'recomputed': 'matrix_deviation',
        'holds': 'matrix_deviation = 0 and largest_correlation <= 1 and recomputed_eigenvalue_6 > 0',
    },
    'table_3_eigenvalues_sum': {
        'published': 'stated_table_3_eigenvalues_sum',
        'recomputed': 'eigenvalues_sum',
        'lower': 'eigenvalues_sum - eigenvalues_sum_half',
        'upper': 'eigenvalues_sum + eigenvalues_sum_half',
        'holds': 'abs(stated_table_3_eigenvalues_sum - eigenvalues_sum) <= eigenvalues_sum_half',
    },
    'first_twice_second': {
        'published': 'stated_first_twice_second',
        'recomputed': 'first_to_second',
        'lower': 'first_to_second_lower',
        'upper': 'first_to_second_upper',
        'holds': 'round(first_to_second) = stated_first_twice_second',
    },
    'strong_conclusion': {
        'published': 'stated_strong_conclusion',
        'recomputed': 'share_1',
        'lower': 'share_1 - share_1_half',
        'upper': 'share_1 + share_1_half',
        'holds': 'abs(share_1 - stated_strong_conclusion) <= 0.5',
    },
    'table_4_orthogonal': {
        'recomputed': 'product_deviation',
        'lower': '0',
        'upper': 'product_allowed',
        'holds': 'n_products_beyond = 0',
    },
    'table_4_residuals': {
        'recomputed': 'residual',
        'lower': '0',
        'upper': 'residual_allowed',
        'holds': 'n_residuals_beyond = 0',
    },
    'eq_5_coefficients': {
        'recomputed': 'coefficient_deviation',
        'holds': 'coefficient_deviation = 0',
    },
    'most_influential_in_y1': {'holds': 'greatest(size_rank_gov, size_rank_edu) = 2'},
    'most_influential_in_cei': {
        'recomputed': 'pair_weight',
        'lower': 'pair_weight - pair_weight_half',
        'upper': 'pair_weight + pair_weight_half',
        'holds': 'greatest(weight_rank_gov, weight_rank_edu) = 2',
    },
    'score_of_at_least_30': {
        'published': 'stated_score_of_at_least_30',
        'lower': 'lowest_score',
        'upper': 'lowest_score_upper',
        'holds': 'stated_score_of_at_least_30 <= lowest_score_upper',
    },
    'score_of_at_most_100': {
        'published': 'stated_score_of_at_most_100',
        'lower': 'highest_score_lower',
        'upper': 'highest_score',
        'holds': 'stated_score_of_at_most_100 >= highest_score_lower',
    },
    'score_direction': {'recomputed': 'n_reversed', 'holds': 'n_reversed = 0'},
} %}
{%- for component in range(1, 7) %}
{%- set eigenvalue = 'recomputed_eigenvalue_' ~ component %}
{%- do checked.update({'table_3_eigenvalue_' ~ component: {
    'published': 'eigenvalue_' ~ component,
    'recomputed': eigenvalue,
    'lower': eigenvalue ~ ' - norm',
    'upper': eigenvalue ~ ' + norm',
    'holds': 'abs(' ~ eigenvalue ~ ' - eigenvalue_' ~ component ~ ') <= norm + eigenvalue_half_'
        ~ component,
}}) %}
{%- endfor %}
{%- for claim, column in {
    'table_3_differences': 'difference',
    'table_3_proportions': 'proportion',
    'table_3_cumulative': 'cumulative',
    'table_4_unit_length': 'length',
    'table_4_loadings': 'loading',
}.items() %}
{%- do checked.update({claim: {
    'recomputed': column ~ '_deviation',
    'lower': '0',
    'upper': column ~ '_allowed',
    'holds': 'n_' ~ column ~ '_beyond = 0',
}}) %}
{%- endfor %}
{%- for claim, share in in_claims_of_one_share.items() %}
{%- do checked.update({claim: {
    'published': 'stated_' ~ claim,
    'recomputed': share,
    'lower': share ~ ' - ' ~ share ~ '_half',
    'upper': share ~ ' + ' ~ share ~ '_half',
    'holds': 'abs(' ~ share ~ ' - stated_' ~ claim ~ ') <= 0.5 + ' ~ share ~ '_half',
}}) %}
{%- endfor %}
{%- for percent in [15, 20] %}
{%- set kept = 'n_at_least_' ~ percent %}
{%- do checked.update({'components_at_least_' ~ percent: {
    'published': 'n_used',
    'recomputed': kept,
    'lower': kept ~ '_lower',
    'upper': kept ~ '_upper',
    'holds': 'n_used between ' ~ kept ~ '_lower and ' ~ kept ~ '_upper',
}}) %}
{%- endfor %}

{{ claim_checks('lin_gu_2015', checked) }},

{{ filled_explanations(decimals) }}

select
    checks.*,
    filled.explanation

from checks
inner join filled
    on checks.claim_code = filled.claim_code

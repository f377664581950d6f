{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'n_cities': 0, 'sum_of_ranks': 0, 't': 0, 'm': 0, 's': 0, 'n_nonzero': 0, 'sign_p_fewer': 4,
    'sign_p_more': 4, 'n_positive': 0, 'n_negative': 0, 'n_zero': 0, 'signed_rank_p': 4,
    'tie_correction_low': 0, 'tie_correction_high': 0, 'tie_values_low': 0, 'tie_values_high': 0,
    'sign_p_printed': 4, 'signed_rank_p_printed': 4, 'level': 2, 'n_simulations': 0,
    'unrelated_p_00': 2, 'unrelated_p_05': 2, 'unrelated_p_50': 2, 'unrelated_s_most': 0,
    'unrelated_m_most': 1, 'unrelated_rho_low': 2, 'unrelated_rho_high': 2,
    'gaussian_positive': 0, 'gaussian_positive_lower': 0, 'gaussian_positive_upper': 0,
    'implied_centre': 0, 'spearman_of_sd': 2, 'composite_correlation': 2, 'equal_correlation': 2,
    'sd_of_correlation': 0, 'sd_of_unrelated': 0, 'sd_upper': 0, 'share_within': 0,
    'weights_spearman': 2, 'weight_LCH': 6, 'loading_LCH': 6, 'weight_ETP': 6,
} %}
{%- set level = 0.05 %}

with

claims as (

    select * from {{ ref('lin_gu_2015_claims') }}

),

{{ stated_numbers('lin_gu_2015', [
    'table_5_student_t', 'differences_mean', 'differences_sd', 'differences_within_50',
]) }}

printed as (

    select
        {%- for symbol, statistic in {'t': 'student_t', 'M': 'sign', 'S': 'signed_rank'}.items() %}
        max(case when symbol = '{{ symbol }}' then statistic end) as {{ symbol | lower }},
        max(case when symbol = '{{ symbol }}' then p_value end) as {{ statistic }}_p_printed,
        {%- endfor %}
        max(power(10, -p_value_decimals)) / 2 as p_half,
        max(observations) as n_cities
    from {{ ref('lin_gu_2015_table_5') }}

),

location as (

    select * from {{ ref('published_location_tests') }}

),

-- Only where one number of differences fits, the printed tests tell it.
agreeing as (

    select
        count(*) as n_agreeing,
        case when count(*) = 1 then max(n_nonzero) end as n_nonzero
    from location
    where sign_agrees

),

fitted as (

    select
        agreeing.n_agreeing,
        agreeing.n_nonzero,
        max(case when location.n_nonzero = agreeing.n_nonzero then location.sign_p_value end)
            as sign_p,
        max(case when location.n_nonzero = agreeing.n_nonzero - 2 then location.sign_p_value end)
            as sign_p_fewer,
        max(case when location.n_nonzero = agreeing.n_nonzero + 2 then location.sign_p_value end)
            as sign_p_more,
        {%- for column in ['signed_rank_p_value', 'tie_correction_low', 'tie_correction_high'] %}
        max(case when location.n_nonzero = agreeing.n_nonzero then location.{{ column }} end)
            as {{ column | replace('_value', '') }}{{ ',' if not loop.last }}
        {%- endfor %}
    from location
    cross join agreeing
    group by agreeing.n_agreeing, agreeing.n_nonzero

),

unrelated as (

    select
        max(reference.n_simulations) as n_simulations,
        max(case when reference.test = 'signed_rank' then abs(reference.statistic) end)
            as unrelated_s_most,
        max(case when reference.test = 'sign' then abs(reference.statistic) end)
            as unrelated_m_most,
        {%- for column, test, probability, value in [
            ('unrelated_p_00', 'signed_rank', 0.0, 'p_value'),
            ('unrelated_p_05', 'signed_rank', 0.05, 'p_value'),
            ('unrelated_p_50', 'signed_rank', 0.5, 'p_value'),
            ('unrelated_rho_low', 'spearman', 0.01, 'statistic'),
            ('unrelated_rho_high', 'spearman', 0.99, 'statistic'),
        ] %}
        max(
            case
                when reference.test = '{{ test }}' and reference.probability = {{ probability }}
                    then reference.{{ value }}
            end
        ) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('agreement_reference') }} as reference
    inner join printed
        on reference.n_units = printed.n_cities

),

categories as (

    select
        max(case when variable = 'LCH' then weight end) as weight_lch,
        max(case when variable = 'LCH' then loading end) as loading_lch,
        max(case when variable = 'ETP' then weight end) as weight_etp,
        case when count(variable) > 1 then corr(studied_weight_rank, loading_rank) end
            as weights_spearman,
        sum(weight * with_z1)
        / nullif(sqrt(greatest(sum(loading * with_z1) * sum(weight * with_weighted_sum), 0)), 0)
            as composite_correlation,
        sum(with_z1)
        / nullif(sqrt(greatest(sum(loading * with_z1) * sum(with_plain_sum), 0)), 0)
            as equal_correlation
    from {{ ref('int_claims__cei_categories') }}
    where variable is not null

),

score as (

    select max(case when term = 'Z1' then coefficient end) as score_slope
    from {{ ref('lin_gu_2015_equations') }}
    where equation = 'figure 2'

),

joined as (

    select
        stated.*,
        printed.*,
        fitted.*,
        unrelated.*,
        categories.*,
        score.*,
        {{ level }} as level,
        (fitted.n_nonzero + 2 * printed.m) / 2 as n_positive,
        (fitted.n_nonzero - 2 * printed.m) / 2 as n_negative,
        printed.n_cities - fitted.n_nonzero as n_zero,
        printed.n_cities * (printed.n_cities + 1) / 2 as sum_of_ranks,
        -- Rounded to tens.
        5 as stated_half
    from stated
    cross join printed
    cross join fitted
    cross join unrelated
    cross join categories
    cross join score

),

rounded as (

    select
        *,
        stated_differences_sd + stated_half as sd_upper,
        stated_differences_mean / stated_differences_sd as centre_in_deviations,
        (stated_differences_mean - stated_half) / (stated_differences_sd + stated_half)
            as centre_in_deviations_lower,
        (stated_differences_mean + stated_half) / (stated_differences_sd - stated_half)
            as centre_in_deviations_upper,
        (n_cities * n_cities - 1.0) / 6 as variance_of_unrelated
    from joined

),

figures as (

    select
        *,
        -- n differences, evenly over k sizes: sum(t^3 - t) / 48 = n ((n / k)^2 - 1) / 48.
        n_nonzero / sqrt(48 * tie_correction_high / n_nonzero + 1) as tie_values_low,
        n_nonzero / sqrt(48 * tie_correction_low / n_nonzero + 1) as tie_values_high,
        {%- for end in ['', '_lower', '_upper'] %}
        n_cities * ({{ normal_cdf('centre_in_deviations' ~ end) }}) as gaussian_positive{{ end }},
        {%- endfor %}
        -- Near its middle the normal distribution function rises by 1 / sqrt(2 pi) a deviation.
        stated_differences_sd * sqrt(2 * pi()) * (1.0 * n_positive / n_cities - 0.5)
            as implied_centre,
        1 - stated_differences_sd * stated_differences_sd / variance_of_unrelated
            as spearman_of_sd,
        sqrt(variance_of_unrelated * (1 - composite_correlation)) as sd_of_correlation,
        sqrt(variance_of_unrelated) as sd_of_unrelated,
        100 * (1 - power(sd_upper / stated_differences_within_50, 2)) as share_within
    from rounded

),

{{ claim_checks('lin_gu_2015', {
    'table_5_student_t': {
        'published': 't',
        'recomputed': 'sum_of_ranks - sum_of_ranks',
        'holds': 't = 0 and student_t_p_printed = 1',
    },
    'table_5_sign': {
        'published': 'sign_p_printed',
        'recomputed': 'sign_p',
        'lower': 'sign_p_printed - p_half',
        'upper': 'sign_p_printed + p_half',
        'holds': 'n_agreeing = 1',
    },
    'table_5_signed_rank': {
        'published': 'signed_rank_p_printed',
        'recomputed': 'signed_rank_p',
        'upper': 'signed_rank_p',
        'holds': 'case when n_agreeing = 1 then tie_correction_low is not null end',
    },
    'accepted_by_signed_rank': {
        'published': 'signed_rank_p_printed',
        'recomputed': 'signed_rank_p',
        'holds': 'signed_rank_p_printed > level',
    },
    'accepted_by_sign': {
        'published': 'sign_p_printed',
        'recomputed': 'sign_p',
        'holds': 'sign_p_printed > level',
    },
    'acceptance_is_consistency': {
        'recomputed': 'unrelated_p_50',
        'holds': 'unrelated_p_50 < level',
    },
    'more_cities_above_zero': {
        'recomputed': 'n_positive - n_negative',
        'holds': 'n_positive > n_negative',
    },
    'official_cei_overestimates': {
        'recomputed': 'n_negative - n_positive',
        'holds': 'n_negative > n_positive',
    },
    'differences_mean': {
        'published': 'stated_differences_mean',
        'recomputed': 't',
        'lower': 'stated_differences_mean - stated_half',
        'upper': 'stated_differences_mean + stated_half',
        'holds': 'abs(t - stated_differences_mean) <= stated_half',
    },
    'differences_gaussian': {
        'recomputed': 'n_positive',
        'lower': 'gaussian_positive_lower',
        'upper': 'gaussian_positive_upper',
        'holds': 'n_positive between gaussian_positive_lower and gaussian_positive_upper',
    },
    'differences_sd': {'published': 'stated_differences_sd'},
    'differences_within_50': {
        'lower': 'share_within',
        'upper': '100',
        'holds': 'share_within > 50',
    },
    'weights_reasonable': {
        'recomputed': 'weights_spearman',
        'holds': 'weights_spearman > 0',
    },
}) }},

{{ filled_explanations(decimals) }}

select
    checks.*,
    filled.explanation

from checks
inner join filled
    on checks.claim_code = filled.claim_code

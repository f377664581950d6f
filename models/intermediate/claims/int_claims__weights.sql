{#- How many decimals the explanations print of each figure. -#}
{%- set decimals = {
    'n_printed': 0, 'n_unprinted': 0, 'weights_sum': 1, 'weights_sum_lower': 2,
    'weights_sum_upper': 2, 'weights_left': 1, 'weights_left_upper': 2, 'smallest_weight': 1,
    'fr_sd': 2, 'fr_max': 2, 'fr_mean': 2, 'npl_cv': 3, 'npl_divergence': 3, 'npl_bound': 3,
    'npl_divergence_shipped': 3, 'npl_total': 3, 'npl_total_likely': 3, 'npl_others': 3,
    'patents_needed': 3,
    'npl_largest_weight': 1, 'npl_largest_weight_upper': 1, 'patents_divergence_shipped': 3,
    'patents_as_printed': 3, 'cable_weight_shipped': 1, 'patents_weight_shipped': 1,
    'npl_weight_shipped': 1, 'mobile_weight_shipped': 1, 'regulations_weight_shipped': 1,
    'n_synthetic': 0, 'equal_shares_entropy': 0, 'equal_shares_divergence': 0,
    'smallest_as_printed': 1,
} %}

with

table_1 as (

    select * from {{ ref('song_liu_2025_table_1') }}

),

table_2 as (

    select * from {{ ref('song_liu_2025_table_2') }}

),

claims as (

    select * from {{ ref('song_liu_2025_claims') }}

),

divergences as (

    select * from {{ ref('int_claims__divergences') }}

),

stated as (

    select
        max(
            case when claim_code = 'song_liu_2025_table_1_number_of_indicators' then stated end
        ) as n_indicators,
        max(
            case when claim_code = 'song_liu_2025_table_1_weights_sum' then stated end
        ) as whole
    from claims

),

weights as (

    select
        count(*) as n_printed,
        sum(weight_percent) as weights_sum,
        sum(power(10, -weight_decimals)) / 2 as weights_sum_half,
        min(weight_percent) as smallest_weight,
        max(case when indicator_code = 'npl_ratio' then weight_percent end) as npl_weight,
        max(case when indicator_code = 'invention_patents_granted' then weight_percent end)
            as patents_weight,
        max(power(10, -weight_decimals)) / 2 as weight_half
    from table_1

),

moments as (

    select
        observations as n,
        mean as fr_mean,
        standard_deviation as fr_sd,
        maximum as fr_max,
        power(10, -decimals) / 2 as half
    from table_2
    where variable_code = 'fr'

),

shipped as (

    select
        {%- for indicator_code, figure in {
            'optical_cable_length': 'cable',
            'invention_patents_granted': 'patents',
            'npl_ratio': 'npl',
            'mobile_penetration': 'mobile',
            'local_credit_regulations': 'regulations',
        }.items() %}
        max(case when indicator_code = '{{ indicator_code }}' then divergence end)
            as {{ figure }}_divergence_shipped,
        max(case when indicator_code = '{{ indicator_code }}' then weight_percent end)
            as {{ figure }}_weight_shipped,
        {%- endfor %}
        sum(case when data_origin = 'synthetic' then 1 else 0 end) as n_synthetic
    from divergences

),

-- z = (max - x) / (max - min) has the mean (max - mean) / (max - min) and the standard deviation
-- sd / (max - min), so its coefficient of variation is free of the minimum.
variations as (

    select
        *,
        ln(nullif(greatest(n, 1), 1)) as ln_n,
        fr_sd / nullif(fr_max - fr_mean, 0) as npl_cv,
        (fr_sd - half) / nullif(fr_max - fr_mean + 2 * half, 0) as npl_cv_lower,
        (fr_sd + half) / nullif(fr_max - fr_mean - 2 * half, 0) as npl_cv_upper
    from moments

),

-- Divergence is sum(p ln(p n)) / ln n. By Jensen sum(p ln(p n)) <= ln(sum(p p n)) = ln(1 + cv^2),
-- where cv divides by n (by n - 1 it is larger: the bound holds all the more). To second order in
-- p n - 1 the sum is cv^2 / 2.
bounds as (

    select
        *,
        npl_cv * npl_cv / nullif(2 * ln_n, 0) as npl_divergence,
        ln(1 + npl_cv * npl_cv) / nullif(ln_n, 0) as npl_bound,
        ln(1 + npl_cv_lower * npl_cv_lower) / nullif(ln_n, 0) as npl_bound_lower,
        ln(1 + npl_cv_upper * npl_cv_upper) / nullif(ln_n, 0) as npl_bound_upper
    from variations

),

joined as (

    select
        weights.*,
        shipped.*,
        bounds.*,
        stated.n_indicators,
        stated.whole
    from weights
    cross join shipped
    cross join bounds
    cross join stated

),

figures as (

    select
        *,
        n_indicators - n_printed as n_unprinted,
        weights_sum - weights_sum_half as weights_sum_lower,
        weights_sum + weights_sum_half as weights_sum_upper,
        -- The sum is off 100 in the last bit.
        round(whole - weights_sum, 9) as weights_left,
        round(whole - weights_sum - weights_sum_half, 9) as weights_left_lower,
        round(whole - weights_sum + weights_sum_half, 9) as weights_left_upper,
        100 * npl_divergence / nullif(npl_weight, 0) as npl_total_likely,
        100 * npl_bound_upper / nullif(npl_weight - weight_half, 0) as npl_total,
        100 * npl_bound_upper / nullif(npl_weight - weight_half, 0) - npl_bound_upper
            as npl_others,
        npl_bound_upper * (patents_weight + weight_half) / nullif(npl_weight - weight_half, 0)
            as patents_needed,
        {%- for end in ['', '_lower', '_upper'] %}
        100 * npl_bound{{ end }}
        / nullif(npl_bound{{ end }} + patents_divergence_shipped, 0)
            as npl_largest_weight{{ end }},
        {%- endfor %}
        -- As printed, e is the entropy times -1, and 1 - e lies between 1 and 2. For n equal shares
        -- it is sum(p ln p) / ln n = ln(1 / n) / ln n.
        ln(1.0 / nullif(n, 0)) / nullif(ln_n, 0) as equal_shares_entropy,
        1 - ln(1.0 / nullif(n, 0)) / nullif(ln_n, 0) as equal_shares_divergence,
        2 - patents_divergence_shipped as patents_as_printed,
        -- The smallest share is that of a 1 among 2s.
        100.0 / (1 + 2 * (n_printed - 1)) as smallest_as_printed
    from joined

),

checks as (

    select
        'song_liu_2025_table_1_number_of_indicators' as claim_code,
        n_indicators as published,
        cast(null as double) as recomputed,
        cast(null as double) as {{ adapter.quote('lower') }},
        cast(null as double) as {{ adapter.quote('upper') }},
        cast(null as boolean) as holds
    from figures
    union all
    select
        'song_liu_2025_table_1_weights_sum' as claim_code,
        whole as published,
        weights_sum as recomputed,
        weights_sum_lower as {{ adapter.quote('lower') }},
        weights_sum_upper as {{ adapter.quote('upper') }},
        whole between weights_sum_lower and weights_sum_upper as holds
    from figures
    union all
    select
        'song_liu_2025_table_1_weights_of_dimensions' as claim_code,
        cast(null as double) as published,
        weights_left as recomputed,
        weights_left_lower as {{ adapter.quote('lower') }},
        weights_left_upper as {{ adapter.quote('upper') }},
        0 between weights_left_lower and weights_left_upper as holds
    from figures
    union all
    select
        'song_liu_2025_table_1_npl_weight' as claim_code,
        npl_weight as published,
        npl_largest_weight as recomputed,
        npl_largest_weight_lower as {{ adapter.quote('lower') }},
        npl_largest_weight_upper as {{ adapter.quote('upper') }},
        npl_weight - weight_half <= npl_largest_weight_upper as holds
    from figures
    union all
    select
        'song_liu_2025_table_1_other_weights' as claim_code,
        cast(null as double) as published,
        cast(null as double) as recomputed,
        cast(null as double) as {{ adapter.quote('lower') }},
        cast(null as double) as {{ adapter.quote('upper') }},
        cast(null as boolean) as holds
    from figures
    union all
    select
        'song_liu_2025_entropy_formula' as claim_code,
        cast(null as double) as published,
        equal_shares_entropy as recomputed,
        cast(null as double) as {{ adapter.quote('lower') }},
        cast(null as double) as {{ adapter.quote('upper') }},
        equal_shares_entropy between 0 and 1 as holds
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

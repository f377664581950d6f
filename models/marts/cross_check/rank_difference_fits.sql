select
    analysis_code,
    cast(period as {{ dbt.type_int() }}) as period,
    n,
    {{ significant_digits('mean') }} as mean,
    {{ significant_digits('sd') }} as sd,
    {{ significant_digits('skewness') }} as skewness,
    {{ significant_digits('excess_kurtosis') }} as excess_kurtosis,
    n_positive,
    n_negative,
    n_zero,
    {{ significant_digits('share_within_50') }} as share_within_50,
    bin_width,
    {{ significant_digits('fitted_centre', 6) }} as fitted_centre,
    {{ significant_digits('fitted_sd', 6) }} as fitted_sd,
    {{ significant_digits('fitted_height', 6) }} as fitted_height,
    fit_status

from {{ ref('rank_difference_results') }}

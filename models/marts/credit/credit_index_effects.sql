with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'effect'

)

select
    model_code,
    subject as feature,
    {{ significant_digits('coefficient') }} as coefficient,
    {{ significant_digits('std_error') }} as std_error,
    {{ significant_digits('statistic') }} as statistic,
    df,
    {{ significant_digits('p_value') }} as p_value,
    {{ significant_digits('jackknife_std_error') }} as jackknife_std_error,
    {{ significant_digits('jackknife_p_value') }} as jackknife_p_value,
    {{ significant_digits('ci_low') }} as ci_low,
    {{ significant_digits('ci_high') }} as ci_high,
    n_loans,
    n_clusters as n_units,
    message

from results

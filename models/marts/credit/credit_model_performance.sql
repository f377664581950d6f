with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'performance'

)

select
    model_code,
    sample,
    features,
    metric,
    {{ significant_digits('value') }} as value,
    {{ significant_digits('ci_low') }} as ci_low,
    {{ significant_digits('ci_high') }} as ci_high,
    {{ significant_digits('bootstrap_low') }} as bootstrap_low,
    {{ significant_digits('bootstrap_high') }} as bootstrap_high,
    n_loans,
    n_defaults

from results

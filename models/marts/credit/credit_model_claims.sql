with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'claim'

)

select
    model_code,
    subject as claim_code,
    metric as quantity,
    {{ significant_digits('published') }} as published_value,
    {{ significant_digits('value') }} as value,
    {{ significant_digits('ci_low') }} as low,
    {{ significant_digits('ci_high') }} as high,
    message as explanation

from results

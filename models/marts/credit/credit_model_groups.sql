with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'group'

)

select
    model_code,
    subject as grouping,
    level as group_name,
    message as compared_groups,
    metric,
    {{ significant_digits('value') }} as value,
    {{ significant_digits('bootstrap_low') }} as bootstrap_low,
    {{ significant_digits('bootstrap_high') }} as bootstrap_high,
    n_loans,
    n_defaults,
    value is null as is_suppressed

from results

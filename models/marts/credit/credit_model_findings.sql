with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'finding'

)

select
    model_code,
    {{ adapter.quote('position') }} as finding_number,
    severity,
    metric as code,
    subject,
    n_loans as n,
    message

from results

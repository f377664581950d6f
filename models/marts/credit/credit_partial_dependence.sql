with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'dependence'

)

select
    model_code,
    subject as feature,
    {{ adapter.quote('position') }} as point_number,
    {{ significant_digits('value') }} as number,
    level as category,
    {{ significant_digits('probability') }} as probability

from results

{{ config(schema='restricted', access='protected') }}

with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'reason'

)

select
    model_code,
    loan_key,
    subject as feature,
    {{ adapter.quote('position') }} as reason_rank,
    value as contribution

from results

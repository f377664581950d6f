{{ config(schema='restricted', access='protected') }}

with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'score'

)

select
    model_code,
    loan_key,
    sample,
    {{ significant_digits('margin') }} as margin,
    {{ significant_digits('probability') }} as probability,
    {{ significant_digits('points') }} as points,
    message

from results

with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'importance'

),

features as (

    select * from {{ ref('int_credit__features') }}

)

select
    results.model_code,
    results.subject as feature,
    features.label,
    features.source,
    results.{{ adapter.quote('position') }} as importance_rank,
    {{ significant_digits('results.value') }} as importance,
    {{ significant_digits('results.share') }} as importance_share,
    {{ significant_digits('results.gain_share') }} as gain_share,
    {{ significant_digits('results.information') }} as information_value

from results
inner join features
    on results.subject = features.feature

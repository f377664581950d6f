{#- Counts are suppressed if the bin has few defaulted or few paid loans. -#}
{%- set has_small_cell = "least(n_defaults, n_loans - n_defaults) < " ~ var('smallest_cell') %}

with

results as (

    select * from {{ ref('credit_model_results') }}
    where record = 'points'

)

select
    model_code,
    subject as feature,
    {{ adapter.quote('position') }} as bin_number,
    level as bin,
    {{ significant_digits('lower_end') }} as lower,
    {{ significant_digits('upper_end') }} as upper,
    case when not {{ has_small_cell }} then n_loans end as n_loans,
    case when not {{ has_small_cell }} then n_defaults end as n_defaults,
    case when not {{ has_small_cell }} then {{ significant_digits('weight') }} end
        as weight_of_evidence,
    case when not {{ has_small_cell }} then {{ significant_digits('information') }} end
        as information_value,
    {{ significant_digits('coefficient') }} as coefficient,
    {{ significant_digits('points') }} as points

from results

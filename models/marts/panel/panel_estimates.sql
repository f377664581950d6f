{%- set number_columns = [
    'estimate', 'standardized_estimate', 'std_error', 'std_error_cr3', 'statistic', 'p_value',
    'p_value_cr3', 'p_value_wild', 'ci_low', 'ci_high', 'ci_low_cr3', 'ci_high_cr3',
    'minimum_detectable_effect', 'leave_one_out_low', 'leave_one_out_high',
] %}

with

estimates as (

    select * from {{ ref('panel_results') }}
    where record = 'estimate'

)

select
    spec_code,
    {{ adapter.quote('position') }} as term_number,
    term,
    {%- for column in number_columns %}
    {{ significant_digits(column) }} as {{ column }},
    {%- endfor %}
    df,
    stars,
    vcov_type,
    k_counted,
    bootstrap_draws,
    bootstrap_seed,
    bootstrap_weights

from estimates

with

decompositions as (

    select * from {{ ref('dimension_decompositions') }}

),

estimates as (

    select * from {{ ref('panel_results') }}
    where record = 'estimate'

)

select
    decompositions.spec_code,
    decompositions.block_code,
    decompositions.block_number,
    decompositions.label,
    decompositions.terms,
    decompositions.status,
    decompositions.message,
    {%- for column in ['r2_within_before', 'r2_within_after', 'r2_within_gain', 'wald_f'] %}
    {{ significant_digits('decompositions.' ~ column) }} as {{ column }},
    {%- endfor %}
    decompositions.wald_df1,
    decompositions.wald_df2,
    {%- for column in ['wald_p_value', 'r2_within_gain_last', 'shapley_value', 'shapley_share'] %}
    {{ significant_digits('decompositions.' ~ column) }} as {{ column }},
    {%- endfor %}
    {%- for column in ['estimate', 'std_error', 'std_error_cr3', 'p_value_wild'] %}
    {{ significant_digits('estimates.' ~ column) }} as {{ column }},
    {%- endfor %}
    estimates.stars,
    estimates.bootstrap_draws,
    estimates.bootstrap_seed,
    estimates.bootstrap_weights,
    {%- for column in ['variance_share', 'effect', 'effect_share', 'total_effect'] %}
    {{ significant_digits('decompositions.' ~ column) }} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}

from decompositions
left join estimates
    on
        decompositions.spec_code = estimates.spec_code
        and decompositions.term = estimates.term
        and decompositions.status = 'ok'

with

indices as (

    select * from {{ first_records(ref('stg_input__indices'), ['index_code']) }} as indices

)

select
    cast(row_number() over (order by index_code) as {{ dbt.type_int() }}) as index_key,
    index_code,
    name_en,
    name_zh,
    normalization,
    -- z scores score_base + score_span * z; only efficacy coefficients move it.
    case
        when normalization = 'efficacy' then {{ to_number('score_base') }}
        else 0
    end as score_base,
    case
        when normalization = 'efficacy' then {{ to_number('score_span') }}
        else 1
    end as score_span,
    frame,
    weighting,
    aggregation,
    {{ to_period('reference_last_period') }} as reference_last_period,
    coalesce({{ to_number('minimum_weight_share') }}, 0.65) as minimum_weight_share,
    origin

from indices

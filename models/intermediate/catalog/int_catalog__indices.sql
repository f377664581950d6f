with

indices as (

    select
        index_code,
        name_en,
        name_zh,
        {{ allowed_value_or_null('indices.normalization', 'normalization') }} as normalization,
        score_base,
        score_span,
        {{ allowed_value_or_null('indices.frame', 'frame') }} as frame,
        {{ allowed_value_or_null('indices.weighting', 'weighting') }} as weighting,
        {{ allowed_value_or_null('indices.aggregation', 'aggregation') }} as aggregation,
        reference_last_period,
        minimum_weight_share,
        consistency_limit,
        consistency_reason,
        origin
    from {{ first_records(ref('stg_input__indices'), ['index_code']) }} as indices

)

select
    cast(row_number() over (order by index_code) as {{ dbt.type_int() }}) as index_key,
    index_code,
    name_en,
    name_zh,
    normalization,
    -- The score of z is score_base + score_span * z; only efficacy coefficients change the
    -- defaults.
    {{ case_by_value('indices.normalization', 'normalization', {
        'min_max': '0', 'efficacy': to_number('score_base'), 'none': '0',
    }) }} as score_base,
    {{ case_by_value('indices.normalization', 'normalization', {
        'min_max': '1', 'efficacy': to_number('score_span'), 'none': '1',
    }) }} as score_span,
    frame,
    weighting,
    aggregation,
    {{ to_period('reference_last_period') }} as reference_last_period,
    coalesce({{ to_number('minimum_weight_share') }}, 0.65) as minimum_weight_share,
    coalesce({{ to_number('consistency_limit') }}, 0.10) as consistency_limit,
    consistency_reason,
    origin

from indices

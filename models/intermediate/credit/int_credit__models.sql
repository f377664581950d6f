with

models as (

    select * from {{ first_records(ref('stg_input__credit_models'), ['model_code']) }} as models

)

select
    model_code,
    coalesce(title, model_code) as title,
    {{ allowed_value_or_null('credit_models.learner', 'learner') }} as learner,
    features,
    cast({{ to_moment('train_until') }} as date) as train_until,
    cast({{ to_moment('calibrate_until') }} as date) as calibrate_until,
    cast({{ to_moment('test_until') }} as date) as test_until,
    {{ to_integer('seed') }} as seed,
    coalesce({{ allowed_value_or_null('credit_models.outcomes', 'outcomes') }}, 'final')
        as outcomes,
    coalesce({{ allowed_value_or_null('credit_models.calibration', 'calibration') }}, 'platt')
        as calibration,
    coalesce({{ to_number('loss_given_default') }}, 0.45) as loss_given_default,
    coalesce({{ to_number('interest_margin') }}, 0.03) as interest_margin,
    case when origin = 'seed' then 'synthetic' else 'user' end as data_origin

from models

with

models as (

    select * from {{ ref('int_credit__models') }}

),

fits as (

    select * from {{ ref('credit_model_results') }}
    where record = 'fit'

),

loans as (

    select coalesce(max(data_origin), 'none') as data_origin
    from {{ ref('int_credit__loans') }}

),

-- Models with an index of synthetic data among their features.
with_synthetic_index as (

    select distinct models.model_code
    from models
    inner join {{ ref('int_catalog__indices') }} as indices
        on
            position(
                concat_ws(
                    '', ' index:', indices.index_code, ' '
                ) in concat_ws('', ' ', models.features, ' ')
            ) > 0
    inner join {{ ref('int_index__origins') }} as origins
        on indices.index_key = origins.index_key
    where origins.data_origin = 'synthetic'

)

select
    models.model_code,
    models.title,
    models.learner,
    models.features,
    fits.status,
    fits.message,
    models.train_until,
    models.calibrate_until,
    models.test_until,
    models.outcomes,
    models.calibration,
    fits.n_read,
    fits.n_refused,
    fits.n_without_consent,
    fits.n_open,
    fits.n_known_later,
    fits.n_after_test,
    fits.n_unscored,
    fits.n_train,
    fits.n_calibration,
    fits.n_test,
    {{ significant_digits('fits.value') }} as cost_threshold,
    case
        when with_synthetic_index.model_code is not null then 'synthetic'
        else loans.data_origin
    end as data_origin

from models
inner join fits
    on models.model_code = fits.model_code
left join with_synthetic_index
    on models.model_code = with_synthetic_index.model_code
cross join loans

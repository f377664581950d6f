with

complete as (

    select * from {{ ref('int_pca__values') }}
    where is_complete

)

select
    analysis_code,
    variable,
    count(*) as n_observations,
    avg(value) as mean,
    stddev_samp(value) as standard_deviation,
    {{ is_within_rounding('min(value)', 'max(value)') }} as is_constant

from complete
group by analysis_code, variable

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
    stddev_samp(value) as standard_deviation

from complete
group by analysis_code, variable

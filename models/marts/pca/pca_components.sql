with

components as (

    select distinct
        analysis_code,
        component,
        eigenvalue,
        correlation_eigenvalue,
        parallel_mean,
        parallel_95,
        parallel_draws,
        parallel_seed
    from {{ ref('pca_results') }}
    where component is not null

),

summed as (

    select
        *,
        lead(eigenvalue) over (partition by analysis_code order by component) as next_eigenvalue,
        sum(eigenvalue) over (partition by analysis_code) as total,
        sum(eigenvalue) over (
            partition by analysis_code
            order by component rows unbounded preceding
        ) as running_total
    from components

)

select
    analysis_code,
    component,
    {{ significant_digits('eigenvalue') }} as eigenvalue,
    {{ significant_digits('eigenvalue - next_eigenvalue') }} as difference,
    {{ significant_digits('eigenvalue / total') }} as proportion,
    {{ significant_digits('running_total / total') }} as cumulative,
    {{ significant_digits('correlation_eigenvalue') }} as correlation_eigenvalue,
    {{ significant_digits('parallel_mean') }} as parallel_mean,
    {{ significant_digits('parallel_95') }} as parallel_95,
    parallel_draws,
    parallel_seed

from summed

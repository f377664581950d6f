with

analyses as (

    select * from {{ ref('int_pca__analyses') }}

),

matrices as (

    select
        analysis_code,
        max(n_dropped) as n_dropped
    from {{ ref('int_pca__matrices') }}
    group by analysis_code

),

results as (

    select distinct
        analysis_code,
        status,
        message,
        n_observations,
        n_variables,
        kmo,
        bartlett_statistic,
        bartlett_df,
        bartlett_p_value
    from {{ ref('pca_results') }}

)

select
    analyses.analysis_code,
    analyses.title,
    analyses.matrix,
    coalesce(analyses.published_matrix, 'data') as source,
    results.status,
    results.message,
    results.n_observations,
    coalesce(matrices.n_dropped, 0) as n_dropped,
    results.n_variables,
    {{ significant_digits('results.kmo') }} as kmo,
    {{ significant_digits('results.bartlett_statistic') }} as bartlett_statistic,
    results.bartlett_df,
    {{ significant_digits('results.bartlett_p_value') }} as bartlett_p_value

from analyses
inner join results
    on analyses.analysis_code = results.analysis_code
left join matrices
    on analyses.analysis_code = matrices.analysis_code

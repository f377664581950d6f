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

variables as (

    select * from {{ ref('int_pca__variables') }}

),

-- An indicator that is reached by several paths is one source.
traced as (

    select
        analysis_code,
        indicator_key
    from variables
    where indicator_key is not null
    union
    select
        variables.analysis_code,
        members.indicator_key
    from variables
    inner join {{ ref('int_catalog__node_ancestors') }} as ancestors
        on variables.node_key = ancestors.ancestor_key
    inner join {{ ref('int_index__members') }} as members
        on ancestors.node_key = members.node_key

),

origins as (

    select
        traced.analysis_code,
        case
            when max(case when sources.data_origin = 'synthetic' then 1 else 0 end) = 1
                then 'synthetic'
            when max(case when sources.data_origin = 'user' then 1 else 0 end) = 1 then 'user'
            when max(case when sources.data_origin = 'official' then 1 else 0 end) = 1
                then 'official'
        end as data_origin
    from traced
    inner join {{ ref('int_observations__origins') }} as sources
        on traced.indicator_key = sources.indicator_key
    group by traced.analysis_code

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
    {{ significant_digits('results.bartlett_p_value') }} as bartlett_p_value,
    origins.data_origin

from analyses
inner join results
    on analyses.analysis_code = results.analysis_code
left join matrices
    on analyses.analysis_code = matrices.analysis_code
left join origins
    on analyses.analysis_code = origins.analysis_code

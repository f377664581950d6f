{#-
    Z = sum(a u) over the variables, with u standardised, or only centred for a covariance matrix.
-#}
with

loadings as (

    select * from {{ ref('pca_results') }}
    where status = 'ok'

),

analyses as (

    select * from {{ ref('int_pca__analyses') }}

),

complete as (

    select * from {{ ref('int_pca__values') }}
    where is_complete

),

moments as (

    select * from {{ ref('int_pca__moments') }}

)

select
    complete.analysis_code,
    loadings.component,
    complete.unit_key,
    complete.period,
    max(loadings.eigenvalue) as eigenvalue,
    sum(
        loadings.loading * (complete.value - moments.mean)
        / {{ case_by_value('pca_analyses.matrix', 'analyses.matrix', {
            'correlation': 'moments.standard_deviation', 'covariance': '1',
        }) }}
    ) as score

from complete
inner join moments
    on
        complete.analysis_code = moments.analysis_code
        and complete.variable = moments.variable
inner join loadings
    on
        complete.analysis_code = loadings.analysis_code
        and complete.variable = loadings.variable
inner join analyses
    on complete.analysis_code = analyses.analysis_code
group by complete.analysis_code, loadings.component, complete.unit_key, complete.period

{#-
    The project's own analyses of published matrices are always available, whatever tables a user supplies,
    since the checks of the papers' claims need them. A shipped analysis whose sources are not in this run's
    catalog is left out.
-#}
with

published as (

    select * from {{ ref('pca_analyses') }}
    where published_matrix is not null

),

analyses as (

    select
        analysis_code,
        title,
        {{ allowed_value_or_null('pca_analyses.matrix', 'matrix') }} as matrix,
        published_matrix,
        checked_index_code
    from {{ first_records(ref('stg_input__pca_analyses'), ['analysis_code']) }} as brought
    where analysis_code not in (select published.analysis_code from published)
    union all
    select
        analysis_code,
        title,
        matrix,
        published_matrix,
        checked_index_code
    from published

),

variables as (

    select
        variables.analysis_code,
        count(*) as n_variables,
        count(sources.source_code) as n_known
    from {{ ref('stg_input__pca_variables') }} as variables
    left join {{ ref('int_pca__sources') }} as sources
        on
            variables.source_kind = sources.source_kind
            and variables.source_code = sources.source_code
    group by variables.analysis_code

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

)

select analyses.*

from analyses
left join variables
    on analyses.analysis_code = variables.analysis_code
left join indices
    on analyses.checked_index_code = indices.index_code
where
    analyses.analysis_code in (select published.analysis_code from published)
    or (
        variables.n_variables = variables.n_known
        and (analyses.checked_index_code is null or indices.index_code is not null)
    )

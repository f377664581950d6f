{#-
    The project's own analyses of published matrices are always there, since the examination of the
    papers rests on them. An analysis of the project's catalogue that speaks of what this run's
    catalogue lacks is left out.
-#}
with

analyses as (

    select
        analysis_code,
        title,
        matrix,
        published_matrix,
        checked_index_code,
        origin
    from {{ first_records(ref('stg_input__pca_analyses'), ['analysis_code']) }} as analyses
    where
        origin = 'seed'
        or analysis_code not in (
            select shipped.analysis_code
            from {{ ref('pca_analyses') }} as shipped
            where shipped.published_matrix is not null
        )
    union all
    select
        analysis_code,
        title,
        matrix,
        published_matrix,
        cast(null as {{ dbt.type_string() }}) as checked_index_code,
        'seed' as origin
    from {{ ref('pca_analyses') }}
    where
        published_matrix is not null
        and exists (
            select 1 from {{ ref('stg_input__pca_analyses') }} as brought
            where brought.origin = 'file'
        )

),

unknown as (

    select distinct variables.analysis_code
    from {{ ref('stg_input__pca_variables') }} as variables
    left join {{ ref('int_pca__sources') }} as sources
        on
            variables.source_kind = sources.source_kind
            and variables.source_code = sources.source_code
    where sources.source_code is null

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

)

select analyses.*

from analyses
left join unknown
    on analyses.analysis_code = unknown.analysis_code
left join indices
    on analyses.checked_index_code = indices.index_code
where
    unknown.analysis_code is null
    and (analyses.checked_index_code is null or indices.index_code is not null)

with

analyses as (

    select * from {{ ref('int_pca__analyses') }}

),

published as (

    select shipped.*
    from {{ ref('pca_variables') }} as shipped
    inner join {{ ref('pca_analyses') }} as shipped_analyses
        on
            shipped.analysis_code = shipped_analyses.analysis_code
            and shipped_analyses.published_matrix is not null

),

variables as (

    select
        analysis_code,
        variable,
        source_kind,
        source_code,
        reference_components,
        source_row
    from {{ first_records(
        ref('stg_input__pca_variables'), ['analysis_code', 'variable']
    ) }} as brought
    where analysis_code not in (select published.analysis_code from published)
    union all
    select
        analysis_code,
        variable,
        source_kind,
        source_code,
        reference_components,
        row_number() over (order by analysis_code, variable) as source_row
    from published

),

sources as (

    select * from {{ ref('int_pca__sources') }}

)

select
    variables.analysis_code,
    cast(
        row_number() over (partition by variables.analysis_code order by variables.source_row)
        as {{ dbt.type_int() }}
    ) as position,
    variables.variable,
    variables.source_kind,
    variables.source_code,
    sources.indicator_key,
    sources.node_key,
    sources.is_rank,
    coalesce(variables.reference_components, '') as reference_components

from variables
inner join analyses
    on variables.analysis_code = analyses.analysis_code
inner join sources
    on
        variables.source_kind = sources.source_kind
        and variables.source_code = sources.source_code

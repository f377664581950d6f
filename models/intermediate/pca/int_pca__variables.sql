with

analyses as (

    select * from {{ ref('int_pca__analyses') }}

),

variables as (

    select
        analysis_code,
        variable,
        source_kind,
        source_code,
        reference_components,
        origin,
        source_row
    from {{ first_records(
        ref('stg_input__pca_variables'), ['analysis_code', 'variable']
    ) }} as variables
    union all
    select
        shipped.analysis_code,
        shipped.variable,
        shipped.source_kind,
        shipped.source_code,
        shipped.reference_components,
        'seed' as origin,
        row_number() over (order by shipped.analysis_code, shipped.variable) as source_row
    from {{ ref('pca_variables') }} as shipped
    where
        shipped.source_kind = 'published'
        and exists (
            select 1 from {{ ref('stg_input__pca_variables') }} as brought
            where brought.origin = 'file'
        )

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
    on
        variables.analysis_code = analyses.analysis_code
        and variables.origin = analyses.origin
inner join sources
    on
        variables.source_kind = sources.source_kind
        and variables.source_code = sources.source_code

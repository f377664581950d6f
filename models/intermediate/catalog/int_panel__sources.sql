{#- All sources that a panel variable can name. -#}
with

sources as (

    select
        source_kind,
        source_code,
        indicator_key,
        node_key
    from {{ ref('int_pca__sources') }}
    where source_kind in ('indicator', 'index_score', 'node_score')

),

components as (

    select
        analysis_code,
        position as component
    from {{ ref('int_pca__variables') }}

),

unioned as (

    select
        source_kind,
        source_code,
        indicator_key,
        node_key,
        cast(null as {{ dbt.type_string() }}) as analysis_code,
        cast(null as {{ dbt.type_int() }}) as component
    from sources
    union all
    select
        'pca_score' as source_kind,
        concat_ws(
            '', analysis_code, '/', cast(component as {{ dbt.type_string() }})
        ) as source_code,
        cast(null as {{ dbt.type_int() }}) as indicator_key,
        cast(null as {{ dbt.type_int() }}) as node_key,
        analysis_code,
        component
    from components

)

select * from unioned

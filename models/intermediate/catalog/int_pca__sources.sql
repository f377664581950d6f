{#- Each source also has a rank variable; rank 1 is the largest value of its period. -#}
with

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

),

nodes as (

    select * from {{ ref('int_catalog__nodes') }}

),

published as (

    select distinct variable_a as variable
    from {{ ref('stg_lin_gu__table_2') }}

),

sources as (

    select
        'indicator' as source_kind,
        indicator_code as source_code,
        indicator_key,
        cast(null as {{ dbt.type_int() }}) as node_key
    from indicators
    union all
    select
        'index_score' as source_kind,
        index_code as source_code,
        cast(null as {{ dbt.type_int() }}) as indicator_key,
        node_key
    from nodes
    where parent_code is null
    union all
    select
        'node_score' as source_kind,
        concat_ws('', index_code, '/', node_code) as source_code,
        cast(null as {{ dbt.type_int() }}) as indicator_key,
        node_key
    from nodes

),

kinds as (

    select
        *,
        false as is_rank
    from sources
    union all
    select
        concat_ws('', replace(source_kind, '_score', ''), '_rank') as source_kind,
        source_code,
        indicator_key,
        node_key,
        true as is_rank
    from sources
    union all
    select
        'published' as source_kind,
        variable as source_code,
        cast(null as {{ dbt.type_int() }}) as indicator_key,
        cast(null as {{ dbt.type_int() }}) as node_key,
        false as is_rank
    from published

)

select * from kinds

with

variables as (

    select * from {{ ref('int_panel__variables') }}

),

analysed as (

    select * from {{ ref('int_pca__variables') }}

),

made_of as (

    select
        variable_code,
        indicator_key,
        node_key
    from variables
    union all
    select
        variables.variable_code,
        analysed.indicator_key,
        analysed.node_key
    from variables
    inner join analysed
        on variables.analysis_code = analysed.analysis_code

),

-- An indicator that is reached by several paths is one source.
traced as (

    select
        variable_code,
        indicator_key
    from made_of
    where indicator_key is not null
    union
    select
        made_of.variable_code,
        members.indicator_key
    from made_of
    inner join {{ ref('int_catalog__node_ancestors') }} as ancestors
        on made_of.node_key = ancestors.ancestor_key
    inner join {{ ref('int_index__members') }} as members
        on ancestors.node_key = members.node_key

),

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

),

origins as (

    select * from {{ ref('int_observations__origins') }}

),

gate as (

    select * from {{ ref('int_quality__gate') }}

)

select
    variables.variable_code,
    variables.variable_number,
    variables.label_en as label,
    coalesce(indicators.indicator_code, '') as indicator_code,
    indicators.name_en as indicator_name,
    case when origins.data_origin = indicators.data_origin then indicators.source_agency end
        as source_agency,
    origins.data_origin

from variables
cross join gate
left join traced
    on variables.variable_code = traced.variable_code
left join indicators
    on traced.indicator_key = indicators.indicator_key
left join origins
    on traced.indicator_key = origins.indicator_key

{#- A shipped variable whose source is not in this run's catalog is left out. -#}
with

variables as (

    select *
    from {{ first_records(ref('stg_input__panel_variables'), ['variable_code']) }} as variables

),

sources as (

    select * from {{ ref('int_panel__sources') }}

)

select
    variables.variable_code,
    row_number() over (order by variables.source_row) as variable_number,
    variables.source_kind,
    variables.source_code,
    sources.indicator_key,
    sources.node_key,
    sources.analysis_code,
    sources.component,
    {{ allowed_value_or_null('panel_variables.transform', 'variables.transform') }} as transform,
    coalesce({{ to_number('variables.scale') }}, 1) as scale,
    variables.label_en

from variables
left join sources
    on
        variables.source_kind = sources.source_kind
        and variables.source_code = sources.source_code
where
    sources.source_code is not null
    or variables.source_kind = 'period'

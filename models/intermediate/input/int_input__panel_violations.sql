{%- set kinds = ['indicator', 'index_score', 'node_score', 'pca_score', 'period'] %}

with

panel_variables as (

    {{ violations_of_key('panel_variables', ['variable_code']) }}
    union all
    {{ violations_of(
        'variable_code_is_a_name', 'panel_variables', 'variable_code',
        "'cannot be the name of a variable: it is a column of every panel; take another'",
        "lower(rows.variable_code) in ('unit_id', 'period', 'region')"
    ) }}
    union all
    {{ violations_of(
        'variable_codes_differ_in_more_than_case', 'panel_variables', 'variable_code',
        "'differs from another variable_code in upper and lower case only; take another name'",
        "exists (select 1 from " ~ ref('stg_input__panel_variables')
            ~ " as others where lower(others.variable_code) = lower(rows.variable_code)"
            ~ " and others.variable_code <> rows.variable_code and others.source_row < rows.source_row)"
    ) }}
    union all
    {{ violations_of_choice('panel_variables', 'source_kind', kinds) }}
    union all
    {{ violations_of_choice('panel_variables', 'transform', ['identity', 'log']) }}
    union all
    {{ violations_of_number('panel_variables', 'scale') }}
    union all
    {{ violations_of(
        'source_is_known', 'panel_variables', 'source_code',
        "concat('is not known as a source of the kind ', rows.source_kind, '; ', case when rows.source_kind = 'node_score' then 'write index_code/node_code' when rows.source_kind = 'index_score' then 'write an index_code' when rows.source_kind = 'pca_score' then 'write analysis_code/component, such as risk/1' else 'write an indicator_code' end)",
        "rows.origin = 'file' and rows.source_kind in ('" ~ kinds[:-1] | join("', '") ~ "')"
            ~ " and not exists (select 1 from " ~ ref('int_panel__sources')
            ~ " as sources where sources.source_kind = rows.source_kind and sources.source_code = rows.source_code)",
        ['panel_variables', 'indices', 'index_nodes', 'indicators', 'pca_analyses', 'pca_variables']
    ) }}

),

panel_specs as (

    {{ violations_of_key('panel_specs', ['spec_code']) }}
    union all
    {{ violations_of(
        'cluster_is_known', 'panel_specs', 'cluster',
        "'is not unit_id; leave it empty for standard errors that are robust to heteroskedasticity alone (HC1)'",
        "rows." ~ adapter.quote('cluster') ~ " <> 'unit_id'"
    ) }}

),

unioned as (

    select * from panel_variables
    union all
    select * from panel_specs

)

select * from unioned

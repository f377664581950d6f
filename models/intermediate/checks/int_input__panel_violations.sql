with

panel_variables as (

    {{ violations_of(
        'variable_code_is_a_name', 'panel_variables', 'variable_code',
        "'cannot be the name of a variable: it is a column of every panel; choose another name'",
        "lower(rows.variable_code) in ('unit_id', 'period', 'region')"
    ) }}
    union all
    {{ violations_of(
        'variable_codes_differ_in_more_than_case', 'panel_variables', 'variable_code',
        "'differs from another variable_code only by case; choose another name'",
        "exists (select 1 from " ~ ref('stg_input__panel_variables')
            ~ " as others where lower(others.variable_code) = lower(rows.variable_code)"
            ~ " and others.variable_code <> rows.variable_code and others.source_row < rows.source_row)"
    ) }}
    union all
    {{ violations_of(
        'source_is_known', 'panel_variables', 'source_code',
        "concat_ws('', 'is not a source of the kind ', rows.source_kind, '; ', case when rows.source_kind = 'node_score' then 'write index_code/node_code' when rows.source_kind = 'index_score' then 'write an index_code' when rows.source_kind = 'pca_score' then 'write analysis_code/component, such as risk/1' else 'write an indicator_code' end)",
        "rows.origin = 'file' and rows.source_kind <> 'period' and "
            ~ is_allowed_value('panel_variables.source_kind', 'rows.source_kind')
            ~ " and not exists (select 1 from " ~ ref('int_panel__sources')
            ~ " as sources where sources.source_kind = rows.source_kind and sources.source_code = rows.source_code)",
        ['panel_variables', 'indices', 'index_nodes', 'indicators', 'pca_analyses', 'pca_variables']
    ) }}

),

panel_specs as (

    {{ violations_of(
        'cluster_is_known', 'panel_specs', 'cluster',
        "'is not unit_id; leave it empty for standard errors that are robust to heteroskedasticity alone (HC1)'",
        "rows." ~ adapter.quote('cluster') ~ " <> 'unit_id'"
    ) }}

),

panel_blocks as (

    {{ violations_of(
        'spec_is_known', 'panel_blocks', 'spec_code',
        "'is not a spec_code of panel_specs'",
        "rows.origin = 'file' and rows.spec_code is not null and not exists (select 1 from "
            ~ ref('stg_input__panel_specs') ~ " as specs where specs.spec_code = rows.spec_code)",
        ['panel_blocks', 'panel_specs']
    ) }}
    union all
    {{ violations_of(
        'block_is_given', 'panel_blocks', 'block_code', "'is empty'", 'rows.block_code is null'
    ) }}
    union all
    {{ violations_of(
        'block_number_is_positive', 'panel_blocks', 'block_number',
        "'is not a whole number of 1 or more, the order in which the block enters'",
        'coalesce(' ~ to_integer('rows.block_number') ~ ', 0) < 1'
    ) }}
    union all
    {{ violations_of(
        'a_block_has_a_number_of_its_own', 'panel_blocks', 'block_number',
        "concat_ws('', 'is inconsistent: a block has the same number in all its rows, and no other block of ', rows.spec_code, ' has this number')",
        "exists (select 1 from " ~ ref('stg_input__panel_blocks')
            ~ " as others where others.spec_code = rows.spec_code and others.source_row < rows.source_row"
            ~ " and (others.block_code = rows.block_code) <> (others.block_number = rows.block_number))"
    ) }}

),

unioned as (

    select * from panel_variables
    union all
    select * from panel_specs
    union all
    select * from panel_blocks

)

select * from unioned

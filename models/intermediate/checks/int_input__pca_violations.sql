{%- set indices = ref('int_catalog__indices') %}

with

pca_analyses as (

    {{ violations_of(
        'analysis_code_is_free', 'pca_analyses', 'analysis_code',
        "'is the code of the project''s own analysis of a published matrix; leave the record out or choose another code'",
        "rows.origin = 'file' and rows.analysis_code in (select analysis_code from " ~ ref('pca_analyses')
            ~ " where published_matrix is not null)"
    ) }}
    union all
    {{ violations_of(
        'published_matrix_is_known', 'pca_analyses', 'published_matrix',
        "'is not a published matrix of the project; leave it empty for an analysis of data'",
        "rows.published_matrix is not null and rows.published_matrix not in (select matrix_code from "
            ~ ref('stg_lin_gu__table_2') ~ ")"
    ) }}
    union all
    {{ violations_of(
        'index_is_known', 'pca_analyses', 'checked_index_code',
        "'is unknown: indices are listed in indices'",
        "rows.origin = 'file' and rows.checked_index_code is not null"
            ~ " and rows.checked_index_code not in (select index_code from " ~ indices ~ ")",
        ['pca_analyses', 'indices']
    ) }}
    union all
    {{ violations_of(
        'ranks_are_checked_by_ranks', 'pca_analyses', 'checked_index_code',
        "'can be checked only by an analysis of ranks: use node_rank or index_rank for every variable (an indicator for which less is better would be ranked in reverse)'",
        "rows.checked_index_code is not null and rows.analysis_code in (select analysis_code from "
            ~ ref('stg_input__pca_variables')
            ~ " where source_kind not in ('node_rank', 'index_rank'))",
        ['pca_analyses', 'pca_variables']
    ) }}
    union all
    {{ violations_of(
        'analysis_has_variables', 'pca_analyses', 'analysis_code',
        "'has fewer than two variables: list them in pca_variables'",
        "rows.origin = 'file' and rows.analysis_code not in (select analysis_code from "
            ~ ref('stg_input__pca_variables') ~ " where analysis_code is not null group by analysis_code having count(*) > 1)",
        ['pca_analyses', 'pca_variables']
    ) }}

),

pca_variables as (

    {{ violations_of(
        'analysis_is_known', 'pca_variables', 'analysis_code',
        "'is unknown: analyses are listed in pca_analyses'",
        "rows.origin = 'file' and rows.analysis_code not in (select analysis_code from "
            ~ ref('stg_input__pca_analyses') ~ " where analysis_code is not null)",
        ['pca_analyses', 'pca_variables']
    ) }}
    union all
    {{ violations_of(
        'analysis_code_is_free', 'pca_variables', 'analysis_code',
        "'is the code of the project''s own analysis of a published matrix; leave the record out or choose another code'",
        "rows.origin = 'file' and rows.analysis_code in (select analysis_code from " ~ ref('pca_analyses')
            ~ " where published_matrix is not null)"
    ) }}
    union all
    {{ violations_of(
        'published_variables_are_of_published_matrices', 'pca_variables', 'source_kind',
        "concat_ws('', 'is not possible in the analysis ', rows.analysis_code, ': an analysis with a published_matrix has only variables of the kind published, and other analyses have none')",
        "rows.origin = 'file' and exists (select 1 from " ~ ref('stg_input__pca_analyses')
            ~ " as analyses where analyses.analysis_code = rows.analysis_code"
            ~ " and (analyses.published_matrix is not null) <> (rows.source_kind = 'published'))",
        ['pca_analyses', 'pca_variables']
    ) }}
    union all
    {{ violations_of(
        'source_is_known', 'pca_variables', 'source_code',
        "concat_ws('', 'is not a source of the kind ', rows.source_kind, '; ', case when rows.source_kind like 'node%' then 'write index_code/node_code' when rows.source_kind like 'index%' then 'write an index_code' when rows.source_kind = 'published' then 'write a variable of the published matrix' else 'write an indicator_code' end)",
        "rows.origin = 'file' and " ~ is_allowed_value('pca_variables.source_kind', 'rows.source_kind')
            ~ " and not exists (select 1 from " ~ ref('int_pca__sources')
            ~ " as sources where sources.source_kind = rows.source_kind and sources.source_code = rows.source_code)",
        ['pca_variables', 'indices', 'index_nodes', 'indicators']
    ) }}
    union all
    {{ violations_of(
        'reference_components_are_numbers', 'pca_variables', 'reference_components',
        "'is not a list of components: write their numbers, such as 4 or 1+4, or leave it empty'",
        "rows.reference_components is not null and " ~ to_integer("replace(rows.reference_components, '+', '')")
            ~ " is null"
    ) }}

),

unioned as (

    select * from pca_analyses
    union all
    select * from pca_variables

)

select * from unioned

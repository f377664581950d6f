{#-
    The index and the components of the rankings by its categories, for the units that have both. Ranks are
    computed among these units, so that their differences sum to zero.
-#}
with

analyses as (

    select * from {{ ref('int_pca__analyses') }}
    where checked_index_code is not null

),

composite as (

    select * from {{ ref('int_pca__composite_scores') }}

),

nodes as (

    select * from {{ ref('int_catalog__nodes') }}
    where parent_code is null

),

official as (

    select
        nodes.index_code,
        node_scores.unit_key,
        node_scores.period,
        {{ significant_digits('node_scores.headline_score') }} as official_score
    from {{ ref('int_index__node_scores') }} as node_scores
    inner join nodes
        on node_scores.node_key = nodes.node_key
    where node_scores.headline_score is not null

),

joined as (

    select
        analyses.analysis_code,
        analyses.checked_index_code as index_code,
        composite.n_components,
        official.unit_key,
        official.period,
        official.official_score,
        composite.score as component_score
    from analyses
    inner join composite
        on analyses.analysis_code = composite.analysis_code
    inner join official
        on
            analyses.checked_index_code = official.index_code
            and composite.unit_key = official.unit_key
            and composite.period = official.period

)

select
    *,
    rank() over (
        partition by analysis_code, n_components, period
        order by official_score desc
    ) as official_rank,
    -- Rank 1 is the best, so the smallest component score is the best.
    rank() over (
        partition by analysis_code, n_components, period
        order by component_score
    ) as component_rank

from joined

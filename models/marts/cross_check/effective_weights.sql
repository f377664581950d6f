{#-
    The weight is a category's nominal share. Its effective share is its share of the variance, cov(c, score) /
    var(score), where c is the category's contribution to the score: the node's score under weighted_share; w (z
    - mean) / sum(w) over the categories present under weighted_mean, with the mean of the index, so that the
    origin of the scale does not matter. Absent categories contribute 0, so the shares sum to one.
-#}
with

nodes as (

    select * from {{ ref('int_catalog__nodes') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

node_scores as (

    select * from {{ ref('int_index__node_scores') }}
    where headline_score is not null

),

weights as (

    select * from {{ ref('int_index__weights') }}
    where scheme = 'headline'

),

-- An indicator may belong to the root itself. The categories of such an index do not add up to
-- the whole.
categories as (

    select
        nodes.node_key,
        nodes.parent_key,
        nodes.node_code,
        nodes.name_en,
        indices.index_key,
        indices.index_code,
        indices.aggregation
    from nodes
    inner join indices
        on nodes.index_code = indices.index_code
    where
        nodes.level = 2
        and not exists (
            select 1 from {{ ref('int_index__members') }} as members
            where members.node_key = nodes.parent_key
        )

),

means as (

    select
        node_key,
        avg(headline_score) as mean_score
    from node_scores
    where parent_key is null
    group by node_key

),

roots as (

    select
        node_scores.node_key,
        node_scores.unit_key,
        node_scores.period,
        node_scores.headline_score as score,
        means.mean_score
    from node_scores
    inner join means
        on node_scores.node_key = means.node_key

),

variances as (

    select
        node_key,
        sum(power(score - mean_score, 2)) as summed_squares
    from roots
    group by node_key

),

joined as (

    select
        categories.index_key,
        categories.aggregation,
        node_scores.node_key,
        node_scores.parent_key,
        node_scores.unit_key,
        node_scores.period,
        node_scores.headline_score as category_score,
        weights.weight,
        roots.score,
        roots.mean_score,
        roots.score - roots.mean_score as deviation
    from node_scores
    inner join categories
        on node_scores.node_key = categories.node_key
    inner join roots
        on
            categories.parent_key = roots.node_key
            and node_scores.unit_key = roots.unit_key
            and node_scores.period = roots.period
    inner join weights
        on
            node_scores.node_key = weights.node_key
            and node_scores.frame_id = weights.frame_id

),

present as (

    select
        parent_key,
        unit_key,
        period,
        sum(weight) as present_weight
    from joined
    group by parent_key, unit_key, period

),

counted as (

    select
        joined.node_key,
        sum(
            {{ case_by_value('indices.aggregation', 'joined.aggregation', {
                'weighted_share': 'joined.category_score',
                'weighted_mean': '(joined.category_score - joined.mean_score) * joined.weight'
                    ~ ' / nullif(present.present_weight, 0)',
            }) }} * joined.deviation
        ) as summed_products,
        corr(joined.category_score, joined.score) as correlation
    from joined
    inner join present
        on
            joined.parent_key = present.parent_key
            and joined.unit_key = present.unit_key
            and joined.period = present.period
    group by joined.node_key

),

mean_weights as (

    select
        node_key,
        avg(weight) as weight
    from weights
    where node_key is not null
    group by node_key

),

-- Several analyses may check an index; the first by code is used here.
checking_analyses as (

    select
        checked_index_code as index_code,
        min(analysis_code) as analysis_code
    from {{ ref('int_pca__analyses') }}
    where checked_index_code is not null
    group by checked_index_code

),

first_loadings as (

    select
        variables.node_key,
        max(loadings.loading) as loading
    from {{ ref('int_pca__variables') }} as variables
    inner join checking_analyses
        on variables.analysis_code = checking_analyses.analysis_code
    inner join categories
        on
            variables.node_key = categories.node_key
            and checking_analyses.index_code = categories.index_code
    inner join {{ ref('pca_results') }} as loadings
        on
            variables.analysis_code = loadings.analysis_code
            and variables.variable = loadings.variable
            and loadings.component = 1
    group by variables.node_key

)

select
    categories.index_code,
    categories.node_code,
    categories.name_en as node_name,
    {{ significant_digits('mean_weights.weight') }} as weight,
    {{ significant_digits('counted.summed_products / nullif(variances.summed_squares, 0)') }}
        as share_of_variance,
    {{ significant_digits('counted.correlation') }} as correlation_with_index,
    {{ significant_digits('first_loadings.loading') }} as first_component_loading,
    coalesce(counted.correlation < 0 or first_loadings.loading < 0, false) as is_against_the_index

from categories
inner join mean_weights
    on categories.node_key = mean_weights.node_key
inner join variances
    on categories.parent_key = variances.node_key
left join counted
    on categories.node_key = counted.node_key
left join first_loadings
    on categories.node_key = first_loadings.node_key

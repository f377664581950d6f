{#-
    Scores of indices as features `index:<code>` of the models that name them: the score of the loan's unit in the last
    period that ended before the decision. It is known when the last period ended on which it depends: under a
    pooled frame, bounds and weights come from the whole reference, so later periods leak into earlier scores.
-#}
{{ config(schema='restricted') }}

with

loans as (

    select
        loan_key,
        unit_id,
        cast(decided_at as date) as decided_on
    from {{ ref('int_credit__loans') }}
    where unit_id is not null

),

indices as (

    select
        indices.index_key,
        indices.index_code,
        indices.frame,
        indices.reference_last_period
    from {{ ref('int_catalog__indices') }} as indices
    where exists (
        select 1 from {{ ref('int_credit__models') }} as models
        where
            position(
                concat_ws(
                    '', ' index:', indices.index_code, ' '
                ) in concat_ws('', ' ', models.features, ' ')
            ) > 0
    )

),

-- The last period is as long as the one before it; a single one is a year.
periods as (

    select
        index_key,
        period,
        lead(starts_on) over (partition by index_key order by starts_on) as next_starts_on,
        starts_on,
        lag(starts_on) over (partition by index_key order by starts_on) as previous_starts_on
    from {{ ref('int_periods__of_indices') }}
    where starts_on is not null

),

ends as (

    select
        index_key,
        period,
        cast(
            coalesce(
                next_starts_on,
                case
                    when previous_starts_on is null
                        then {{ dbt.dateadd('year', 1, 'starts_on') }}
                    else {{ dbt.dateadd(
                        'day', dbt.datediff('previous_starts_on', 'starts_on', 'day'), 'starts_on'
                    ) }}
                end
            ) as date
        ) as ended_on
    from periods

),

reference_ends as (

    select
        indices.index_key,
        max(ends.ended_on) as ended_on
    from indices
    inner join ends
        on
            indices.index_key = ends.index_key
            and (
                indices.reference_last_period is null
                or indices.reference_last_period >= ends.period
            )
    where indices.frame = 'pooled'
    group by indices.index_key

),

root_scores as (

    select
        node_scores.index_key,
        node_scores.unit_key,
        node_scores.period,
        {{ significant_digits(scheme_score('node_scores', "'headline'")) }} as score
    from {{ ref('int_index__node_scores') }} as node_scores
    where node_scores.parent_key is null

),

scores as (

    select
        indices.index_code,
        units.unit_id,
        root_scores.score,
        ends.ended_on,
        lead(ends.ended_on) over (
            partition by root_scores.index_key, root_scores.unit_key
            order by ends.ended_on
        ) as replaced_on,
        greatest(ends.ended_on, coalesce(reference_ends.ended_on, ends.ended_on)) as known_on
    from root_scores
    inner join indices
        on root_scores.index_key = indices.index_key
    inner join {{ ref('int_catalog__units') }} as units
        on root_scores.unit_key = units.unit_key
    inner join ends
        on
            root_scores.index_key = ends.index_key
            and root_scores.period = ends.period
    left join reference_ends
        on root_scores.index_key = reference_ends.index_key

)

select
    loans.loan_key,
    concat_ws('', 'index:', scores.index_code) as feature,
    cast(scores.score as {{ dbt.type_string() }}) as value,
    scores.known_on > loans.decided_on as is_late

from loans
inner join scores
    on
        loans.unit_id = scores.unit_id
        and loans.decided_on >= scores.ended_on
        and (scores.replaced_on is null or loans.decided_on < scores.replaced_on)

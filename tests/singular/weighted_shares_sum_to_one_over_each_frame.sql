-- Scores under weighted_share are shares, so they sum to one over the reference rows of the frame.
with

indices as (

    select * from {{ ref('int_catalog__indices') }}
    where aggregation = 'weighted_share'

),

scores as (

    select * from {{ ref('index_scores') }}

)

select
    scores.index_code,
    scores.scheme,
    case when indices.frame = 'by_period' then scores.period end as frame_period,
    sum(scores.score) as summed_score
from scores
inner join indices
    on scores.index_code = indices.index_code
where coalesce(scores.period <= indices.reference_last_period, true)
group by
    scores.index_code,
    scores.scheme,
    case when indices.frame = 'by_period' then scores.period end
having not coalesce(abs(sum(scores.score) - 1) <= 1e-9, false)

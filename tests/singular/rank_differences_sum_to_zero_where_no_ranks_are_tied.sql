select
    analysis_code,
    period,
    sum(rank_difference) as summed_difference
from {{ ref('rank_differences') }}
group by analysis_code, period
having
    sum(rank_difference) <> 0
    and count(distinct official_rank) = count(*)
    and count(distinct z1_rank) = count(*)

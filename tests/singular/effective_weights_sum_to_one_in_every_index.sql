select
    index_code,
    sum(share_of_variance) as summed_share
from {{ ref('effective_weights') }}
where share_of_variance is not null
group by index_code
having not abs(sum(share_of_variance) - 1) <= 1e-9

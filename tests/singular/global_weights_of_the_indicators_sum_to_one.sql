select
    index_code,
    scheme,
    period,
    sum(global_weight) as summed_weight
from {{ ref('index_weights') }}
where indicator_code is not null
group by index_code, scheme, period
having not abs(sum(global_weight) - 1) <= 1e-9

select
    spec_code,
    sum(shapley_share) as summed_shapley_share,
    sum(effect) as summed_effect,
    max(total_effect) as total_effect
from {{ ref('dimension_decomposition') }}
where status = 'ok'
group by spec_code
having
    not abs(sum(shapley_share) - 1) <= 1e-9
    or not abs(sum(effect) - max(total_effect)) <= 1e-9 * sum(abs(effect))

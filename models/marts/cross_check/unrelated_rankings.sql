select
    n_units,
    test,
    probability,
    {{ significant_digits('statistic') }} as statistic,
    {{ significant_digits('p_value') }} as p_value,
    n_simulations,
    seed

from {{ ref('agreement_reference') }}

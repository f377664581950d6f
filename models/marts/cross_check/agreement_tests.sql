select
    analysis_code,
    cast(period as {{ dbt.type_int() }}) as period,
    test,
    {{ significant_digits('statistic') }} as statistic,
    {{ significant_digits('p_value') }} as p_value,
    n,
    n_nonzero,
    {{ significant_digits('ci_low') }} as ci_low,
    {{ significant_digits('ci_high') }} as ci_high,
    convention

from {{ ref('agreement_results') }}

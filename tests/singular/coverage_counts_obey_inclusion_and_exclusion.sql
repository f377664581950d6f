{#-
    In every cell: either = bank + alternative - both, only_alternative = either - bank, and all are in
    the register.
-#}
select *
from {{ ref('int_coverage__cells') }}
where
    n_either <> n_bank + n_alternative - n_both
    or n_only_alternative <> n_either - n_bank
    or n_register < n_either + n_no_consent
    or n_both > least(n_bank, n_alternative)
    or least(n_bank, n_alternative, n_both, n_only_alternative, n_no_consent) < 0

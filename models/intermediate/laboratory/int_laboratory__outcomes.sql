{#-
    The other live rules of the worst level, by which a rule is evaluated. Most rules have the same ones, so periods
    of red are computed per outcome and not per rule. A rule without any has no row.
-#}
select
    rule_code,
    {{ dbt.listagg('other_rule_code', "', '", 'order by other_rule_code') }} as outcome_code

from {{ ref('int_laboratory__other_rules') }}
where is_red
group by rule_code

{#- Number of units in each comparison, and the number in the paper. -#}
select count(*) as n_units

from {{ ref('int_cross_check__pairs') }}
group by analysis_code, period
union
select max(n_observations) as n_units

from {{ ref('stg_lin_gu__table_2') }}

{#- Input of the tests of agreement. -#}
select
    analysis_code,
    period,
    unit_key,
    official_rank,
    component_rank as z1_rank

from {{ ref('int_cross_check__ranks') }}
where n_components = 1

{#- Whether the ranking approaches the index as components are added. -#}
with

ranks as (

    select * from {{ ref('int_cross_check__ranks') }}

)

select
    analysis_code,
    period,
    n_components,
    count(*) as n_units,
    {{ significant_digits('corr(official_rank, component_rank)') }} as spearman,
    {{ significant_digits('stddev_samp(official_rank - component_rank)') }}
        as sd_of_rank_differences,
    {{ significant_digits('avg(abs(official_rank - component_rank))') }} as mean_absolute_difference

from ranks
group by analysis_code, period, n_components

{#-
    The first m components weighted by their eigenvalues: sum(lambda Z) / sum(lambda), the multi-component score
    that Lin & Gu (2015, section IV) leave to later work. m = 1 is Z1.
-#}
with

scores as (

    select * from {{ ref('int_pca__scores') }}

),

weighed as (

    select
        analysis_code,
        component as n_components,
        unit_key,
        period,
        sum(eigenvalue * score) over (
            partition by analysis_code, unit_key, period
            order by component rows unbounded preceding
        ) as weighed_score,
        sum(eigenvalue) over (
            partition by analysis_code, unit_key, period
            order by component rows unbounded preceding
        ) as summed_eigenvalue
    from scores

)

select
    analysis_code,
    n_components,
    unit_key,
    period,
    {{ significant_digits('weighed_score / nullif(summed_eigenvalue, 0)') }} as score

from weighed

{#- Number of first components that each rule keeps. -#}
with

components as (

    select
        *,
        avg(eigenvalue) over (partition by analysis_code) as mean_eigenvalue,
        lag(cumulative, 1, 0) over (partition by analysis_code order by component)
            as cumulative_before
    from {{ ref('pca_components') }}

),

rules as (

    select
        analysis_code,
        'proportion_15' as rule,
        'The component accounts for at least 15 % of the variance' as meaning,
        proportion >= 0.15 as is_kept,
        component
    from components
    union all
    select
        analysis_code,
        'proportion_20' as rule,
        'The component accounts for at least 20 % of the variance' as meaning,
        proportion >= 0.2 as is_kept,
        component
    from components
    union all
    select
        analysis_code,
        'cumulative_80' as rule,
        'As many components as reach 80 % of the variance' as meaning,
        cumulative_before < 0.8 as is_kept,
        component
    from components
    union all
    select
        analysis_code,
        'eigenvalue_1' as rule,
        'The eigenvalue is above the mean, which is 1 for correlations (Kaiser)' as meaning,
        eigenvalue > mean_eigenvalue as is_kept,
        component
    from components
    union all
    select
        analysis_code,
        'parallel_analysis' as rule,
        'The eigenvalue is above the 95th percentile of random data (Horn)' as meaning,
        correlation_eigenvalue > parallel_95 as is_kept,
        component
    from components
    where parallel_95 is not null

),

firsts as (

    select
        analysis_code,
        rule,
        meaning,
        count(*) as n_components,
        min(case when not is_kept then component end) as first_not_kept
    from rules
    group by analysis_code, rule, meaning

)

select
    analysis_code,
    rule,
    meaning,
    coalesce(first_not_kept - 1, n_components) as components_kept

from firsts

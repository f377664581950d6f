{#-
    The moments of every analysis: covariances of the data (n - 1 in the denominator), or a published
    correlation matrix. An analysis of correlations scales its covariances in pca_results.
-#}
with

analyses as (

    select * from {{ ref('int_pca__analyses') }}

),

complete as (

    select * from {{ ref('int_pca__values') }}
    where is_complete

),

moments as (

    select * from {{ ref('int_pca__moments') }}

),

centred as (

    select
        complete.analysis_code,
        complete.variable,
        complete.unit_key,
        complete.period,
        case when moments.is_constant then 0 else complete.value - moments.mean end as deviation
    from complete
    inner join moments
        on
            complete.analysis_code = moments.analysis_code
            and complete.variable = moments.variable

),

covariances as (

    select
        centred_a.analysis_code,
        centred_a.variable as variable_a,
        centred_b.variable as variable_b,
        'covariance' as matrix,
        count(*) as n_observations,
        sum(centred_a.deviation * centred_b.deviation) / nullif(count(*) - 1, 0) as value
    from centred as centred_a
    inner join centred as centred_b
        on
            centred_a.analysis_code = centred_b.analysis_code
            and centred_a.unit_key = centred_b.unit_key
            and centred_a.period = centred_b.period
    group by centred_a.analysis_code, centred_a.variable, centred_b.variable

),

dropped as (

    select
        analysis_code,
        count(distinct concat_ws(
            '',
            cast(unit_key as {{ dbt.type_string() }}), '/',
            cast(period as {{ dbt.type_string() }})
        )) as n_dropped
    from {{ ref('int_pca__values') }}
    where not is_complete
    group by analysis_code

),

printed as (

    select
        analyses.analysis_code,
        variables_a.variable as variable_a,
        variables_b.variable as variable_b,
        'correlation' as matrix,
        matrices.n_observations,
        matrices.value
    from analyses
    inner join {{ ref('stg_lin_gu__table_2') }} as matrices
        on analyses.published_matrix = matrices.matrix_code
    inner join {{ ref('int_pca__variables') }} as variables_a
        on
            analyses.analysis_code = variables_a.analysis_code
            and matrices.variable_a = variables_a.source_code
    inner join {{ ref('int_pca__variables') }} as variables_b
        on
            analyses.analysis_code = variables_b.analysis_code
            and matrices.variable_b = variables_b.source_code

),

unioned as (

    select * from covariances
    union all
    select * from printed

)

select
    unioned.analysis_code,
    unioned.matrix,
    analyses.matrix as decomposed,
    cast(unioned.n_observations as {{ dbt.type_bigint() }}) as n_observations,
    cast(coalesce(dropped.n_dropped, 0) as {{ dbt.type_bigint() }}) as n_dropped,
    unioned.variable_a,
    unioned.variable_b,
    unioned.value

from unioned
inner join analyses
    on unioned.analysis_code = analyses.analysis_code
left join dropped
    on unioned.analysis_code = dropped.analysis_code

{#- Weights of the CEI and coefficients of Z1, and what sums by either share with a category. -#}
with

weights as (

    select
        *,
        power(10, -weight_decimals) / 2 as weight_half,
        rank() over (order by weight desc) as weight_rank,
        rank() over (partition by variable is null order by weight desc) as studied_weight_rank
    from {{ ref('lin_gu_2015_weights') }}

),

loadings as (

    select
        variable,
        loading,
        rank() over (order by abs(loading) desc) as size_rank,
        rank() over (order by loading desc) as loading_rank
    from {{ ref('int_claims__cei_loadings') }}
    where component = 1

),

matrix as (

    select
        variable_a,
        variable_b,
        {{ adapter.quote('value') }} as correlation
    from {{ ref('stg_lin_gu__table_2') }}

),

covariances as (

    select
        matrix.variable_a as variable,
        sum(matrix.correlation * weights.weight) as with_weighted_sum,
        sum(matrix.correlation * loadings.loading) as with_z1,
        sum(matrix.correlation) as with_plain_sum
    from matrix
    inner join weights
        on matrix.variable_b = weights.variable
    inner join loadings
        on matrix.variable_b = loadings.variable
    group by matrix.variable_a

)

select
    weights.node_code,
    weights.variable,
    weights.weight,
    weights.weight_half,
    weights.weight_rank,
    weights.studied_weight_rank,
    loadings.loading,
    loadings.size_rank,
    loadings.loading_rank,
    covariances.with_weighted_sum,
    covariances.with_z1,
    covariances.with_plain_sum

from weights
left join loadings
    on weights.variable = loadings.variable
left join covariances
    on weights.variable = covariances.variable

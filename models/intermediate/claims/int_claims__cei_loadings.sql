{#- Table 4 in long form, beside what Tables 2 and 3 make of it and what Table 2 gives anew. -#}
with

table_3 as (

    select
        component,
        eigenvalue,
        power(10, -eigenvalue_decimals) / 2 as eigenvalue_half
    from {{ ref('lin_gu_2015_table_3') }}

),

printed as (
    {% for component in range(1, 7) %}
    select
        {{ component }} as component,
        variable,
        y{{ component }} as loading,
        power(10, -decimals) / 2 as loading_half
    from {{ ref('lin_gu_2015_table_4') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- Ones on the diagonal are exact.
matrix as (

    select
        variable_a,
        variable_b,
        {{ adapter.quote('value') }} as correlation,
        case when variable_a = variable_b then 0 else power(10, -decimals) / 2 end
            as correlation_half
    from {{ ref('stg_lin_gu__table_2') }}

),

recomputed as (

    select
        component,
        variable,
        {{ significant_digits('loading') }} as loading
    from {{ ref('pca_results') }}
    where analysis_code = 'cei_published' and component is not null

),

products as (

    select
        printed.component,
        matrix.variable_a as variable,
        sum(matrix.correlation * printed.loading) as product,
        sum(matrix.correlation_half * (abs(printed.loading) + printed.loading_half))
            as product_half,
        sum(
            case when matrix.variable_a <> matrix.variable_b then abs(matrix.correlation) else 0 end
        ) as others,
        max(case when matrix.variable_a = matrix.variable_b then matrix.correlation end) as own
    from printed
    inner join matrix
        on printed.variable = matrix.variable_b
    group by printed.component, matrix.variable_a

),

-- The sign of an eigenvector is arbitrary: it is taken as printed.
signs as (

    select
        printed.component,
        sign(sum(printed.loading * recomputed.loading)) as orientation
    from printed
    inner join recomputed
        on printed.component = recomputed.component and printed.variable = recomputed.variable
    group by printed.component

)

select
    printed.component,
    printed.variable,
    printed.loading,
    printed.loading_half,
    signs.orientation * recomputed.loading as recomputed_loading,
    products.product - table_3.eigenvalue * printed.loading as residual,
    products.product_half
    + printed.loading_half * (products.others + abs(products.own - table_3.eigenvalue))
    + table_3.eigenvalue_half * (abs(printed.loading) + printed.loading_half) as residual_allowed

from printed
inner join table_3
    on printed.component = table_3.component
inner join products
    on printed.component = products.component and printed.variable = products.variable
left join signs
    on printed.component = signs.component
left join recomputed
    on printed.component = recomputed.component and printed.variable = recomputed.variable

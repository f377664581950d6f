{#- Table 3 and the columns of Table 4, each beside what follows for it from the other figures. -#}
with

table_3 as (

    select
        *,
        power(10, -eigenvalue_decimals) / 2 as eigenvalue_half,
        power(10, -proportion_decimals) / 2 as proportion_half
    from {{ ref('lin_gu_2015_table_3') }}

),

matrix as (

    select * from {{ ref('stg_lin_gu__table_2') }}

),

loadings as (

    select * from {{ ref('int_claims__cei_loadings') }}

),

recomputed as (

    select distinct
        component,
        {{ significant_digits('eigenvalue') }} as eigenvalue
    from {{ ref('pca_results') }}
    where analysis_code = 'cei_published' and component is not null

),

-- No eigenvalue of the matrix of rounding errors is larger than its largest row sum.
row_sums as (

    select
        variable_a,
        sum(case when variable_a <> variable_b then power(10, -decimals) / 2 else 0 end) as row_sum
    from matrix
    group by variable_a

),

errors as (

    select
        max(row_sum) as norm,
        count(*) as n_variables
    from row_sums

),

lengths as (

    select
        component,
        sum(loading * loading) as squared_length,
        sum(loading_half * (2 * abs(loading) + loading_half)) as squared_length_half,
        max(abs(loading - recomputed_loading)) as loading_deviation,
        max(loading_half) as loading_half
    from loadings
    group by component

),

gaps as (

    select
        table_3.component,
        min(abs(table_3.eigenvalue - recomputed.eigenvalue)) - max(table_3.eigenvalue_half) as gap
    from table_3
    inner join recomputed
        on table_3.component <> recomputed.component
    group by table_3.component

),

sequences as (

    select
        *,
        lead(eigenvalue) over (order by component) as next_eigenvalue,
        lead(eigenvalue_half) over (order by component) as next_half,
        sum(eigenvalue) over (order by component rows unbounded preceding) as eigenvalues_so_far,
        sum(eigenvalue_half) over (order by component rows unbounded preceding) as halves_so_far
    from table_3

)

select
    sequences.component,
    sequences.eigenvalue,
    sequences.eigenvalue_half,
    sequences.proportion,
    sequences.proportion_half,
    errors.n_variables,
    errors.norm,
    recomputed.eigenvalue as recomputed_eigenvalue,
    sequences.eigenvalue / errors.n_variables as recomputed_proportion,
    sequences.eigenvalue_half / errors.n_variables as recomputed_proportion_half,
    sequences.eigenvalues_so_far / errors.n_variables as recomputed_cumulative,
    sequences.halves_so_far / errors.n_variables as recomputed_cumulative_half,
    abs(sequences.difference - (sequences.eigenvalue - sequences.next_eigenvalue))
        as difference_deviation,
    2 * sequences.eigenvalue_half + sequences.next_half as difference_allowed,
    abs(sequences.proportion - sequences.eigenvalue / errors.n_variables) as proportion_deviation,
    sequences.proportion_half + sequences.eigenvalue_half / errors.n_variables
        as proportion_allowed,
    abs(sequences.cumulative - sequences.eigenvalues_so_far / errors.n_variables)
        as cumulative_deviation,
    sequences.proportion_half + sequences.halves_so_far / errors.n_variables as cumulative_allowed,
    abs(lengths.squared_length - 1) as length_deviation,
    lengths.squared_length_half as length_allowed,
    lengths.loading_deviation,
    -- Davis and Kahan bound the angle's sine by norm / gap; the chord is at most sqrt(2) sines.
    sqrt(2) * errors.norm / nullif(greatest(gaps.gap, 0), 0) + lengths.loading_half
        as loading_allowed

from sequences
cross join errors
inner join lengths
    on sequences.component = lengths.component
left join recomputed
    on sequences.component = recomputed.component
left join gaps
    on sequences.component = gaps.component

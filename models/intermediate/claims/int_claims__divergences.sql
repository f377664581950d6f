{#- Of the shipped figures, whatever data a run reads: the claims are the paper's. -#}
with

observations as (

    select * from {{ ref('stg_shipped__observations') }}

),

members as (

    select * from {{ ref('index_indicators') }}
    where index_code = 'scdbi_five'

),

indicators as (

    select * from {{ ref('indicators') }}

),

cells as (

    select
        members.indicator_code,
        members.direction,
        indicators.data_origin,
        cast(observations.value_as_read as double) as value
    from observations
    inner join members
        on observations.indicator_code = members.indicator_code
    inner join indicators
        on members.indicator_code = indicators.indicator_code

),

bounds as (

    select
        indicator_code,
        min(value) as lower_bound,
        max(value) as upper_bound
    from cells
    group by indicator_code

),

standardized as (

    select
        cells.indicator_code,
        cells.data_origin,
        {{ min_max('cells.value', 'bounds.lower_bound', 'bounds.upper_bound', 'cells.direction') }}
            as z
    from cells
    inner join bounds
        on cells.indicator_code = bounds.indicator_code

),

entropies as (

    select
        indicator_code,
        data_origin,
        {{ normalized_entropy('z') }} as entropy
    from standardized
    group by indicator_code, data_origin

),

divergence_sum as (

    select sum(1 - entropy) as divergence_sum
    from entropies

)

select
    entropies.indicator_code,
    entropies.data_origin,
    entropies.entropy,
    1 - entropies.entropy as divergence,
    100 * (1 - entropies.entropy) / nullif(divergence_sum.divergence_sum, 0) as weight_percent

from entropies
cross join divergence_sum

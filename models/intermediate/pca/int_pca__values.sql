{#-
    The values of every variable. Rank 1 is the largest value of its period, and ranks are standardised within
    the period: ranks among 284 units are larger than among 248, so pooled raw ranks would reflect the period.
-#}
with

gate as (

    select * from {{ ref('int_quality__gate') }}

),

variables as (

    select * from {{ ref('int_pca__variables') }}
    where source_kind <> 'published'

),

source_values as (

    select
        variables.analysis_code,
        variables.variable,
        variables.is_rank,
        accepted.unit_key,
        accepted.period,
        accepted.value as source_value
    from variables
    inner join {{ ref('int_observations__accepted') }} as accepted
        on variables.indicator_key = accepted.indicator_key
    cross join gate
    union all
    select
        variables.analysis_code,
        variables.variable,
        variables.is_rank,
        node_scores.unit_key,
        node_scores.period,
        {{ significant_digits('node_scores.headline_score') }} as source_value
    from variables
    inner join {{ ref('int_index__node_scores') }} as node_scores
        on variables.node_key = node_scores.node_key
    where node_scores.headline_score is not null

),

ranked as (

    select
        *,
        rank() over (
            partition by analysis_code, variable, period
            order by source_value desc
        ) as value_rank
    from source_values

),

rank_moments as (

    select
        analysis_code,
        variable,
        period,
        avg(value_rank) as mean_rank,
        stddev_samp(value_rank) as sd_of_ranks
    from ranked
    where is_rank
    group by analysis_code, variable, period

),

valued as (

    select
        ranked.analysis_code,
        ranked.variable,
        ranked.unit_key,
        ranked.period,
        case
            when not ranked.is_rank then ranked.source_value
            -- All values are equal, so the variable is constant in the period.
            when coalesce(rank_moments.sd_of_ranks, 0) = 0 then 0
            else (ranked.value_rank - rank_moments.mean_rank) / nullif(rank_moments.sd_of_ranks, 0)
        end as value
    from ranked
    left join rank_moments
        on
            ranked.analysis_code = rank_moments.analysis_code
            and ranked.variable = rank_moments.variable
            and ranked.period = rank_moments.period

),

required as (

    select
        analysis_code,
        count(*) as n_variables
    from variables
    group by analysis_code

),

complete as (

    select
        valued.analysis_code,
        valued.unit_key,
        valued.period
    from valued
    inner join required
        on valued.analysis_code = required.analysis_code
    group by valued.analysis_code, valued.unit_key, valued.period
    having count(*) = max(required.n_variables)

)

select
    valued.analysis_code,
    valued.variable,
    valued.unit_key,
    valued.period,
    valued.value,
    complete.unit_key is not null as is_complete

from valued
left join complete
    on
        valued.analysis_code = complete.analysis_code
        and valued.unit_key = complete.unit_key
        and valued.period = complete.period

{#- The values of every variable; a rank counts from the largest value of its period. -#}
with

gate as (

    select * from {{ ref('int_input__gate') }}

),

variables as (

    select * from {{ ref('int_pca__variables') }}
    where source_kind <> 'published'

),

figures as (

    select
        variables.analysis_code,
        variables.variable,
        variables.is_rank,
        accepted.unit_key,
        accepted.period,
        accepted.value as figure
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
        {{ significant_digits('node_scores.headline_score') }} as figure
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
            order by figure desc
        ) as figure_rank
    from figures

),

valued as (

    select
        analysis_code,
        variable,
        unit_key,
        period,
        case when is_rank then cast(figure_rank as double) else figure end as value
    from ranked

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

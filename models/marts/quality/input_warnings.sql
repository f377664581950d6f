{{ config(schema='quality') }}

with

members as (

    select * from {{ ref('int_index__members') }}

),

extra_columns as (

    select
        'extra_column' as rule,
        source_file,
        source_row,
        column_name,
        value,
        reason
    from {{ ref('stg_input__faults') }}
    where severity = 'warning'

),

unfed_indices as (

    select
        'index_without_data' as rule,
        'indices' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'index_code' as column_name,
        index_code as value,
        case
            when n_indicators = 0 then 'is left out: index_indicators has no indicators for it'
            else concat(
                'is left out: ',
                cast(n_without_observations as {{ dbt.type_string() }}), ' of its ',
                cast(n_indicators as {{ dbt.type_string() }}),
                ' indicators have no observations, among them ', first_without_observations
            )
        end as reason
    from {{ ref('int_index__feeds') }}
    where not is_fed

),

constant_indicators as (

    select
        'constant_indicator' as rule,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'indicator_code' as column_name,
        members.indicator_code as value,
        concat(
            'is constant (', cast(bounds.smallest as {{ dbt.type_string() }}), ') in the index ',
            members.index_code,
            case
                when members.is_by_period
                    then concat(', period ', cast(bounds.frame_id as {{ dbt.type_string() }}))
                else ''
            end,
            ': its weight is 0 and the other weights are renormalised'
        ) as reason
    from {{ ref('int_index__bounds') }} as bounds
    inner join members
        on bounds.member_key = members.member_key
    where bounds.is_constant

),

absent_indicators as (

    select
        'absent_indicator' as rule,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'indicator_code' as column_name,
        members.indicator_code as value,
        concat(
            'has no observation in the index ', members.index_code,
            ' (missing policy skip): scores are means of what is present, and none where that is '
            || 'less than minimum_weight_share of the weight'
        ) as reason
    from {{ ref('int_index__bounds') }} as bounds
    inner join members
        on bounds.member_key = members.member_key
    where bounds.n_rows = 0

),

unscored as (

    select
        'score_below_minimum_weight_share' as rule,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'index_code' as column_name,
        index_code as value,
        concat(
            'has no score for ', cast(count(*) as {{ dbt.type_string() }}),
            ' units and periods, the first unit_id ', min(unit_id),
            ': too little of the weight is present (minimum_weight_share)'
        ) as reason
    from {{ ref('index_scores') }}
    where
        score is null
        and scheme = 'headline'
    group by index_code

),

judgements as (

    select
        'judgements_of_an_expert' as rule,
        'ahp_judgements' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'expert_id' as column_name,
        expert_id as value,
        case
            when lambda_max is null
                then concat(
                    'left items of ', parent_code, ' in the index ', index_code,
                    ' unconnected: ', least_consistent, '; the judgements count in the group''s'
                )
            else concat(
                'has a consistency ratio of ',
                cast(round(consistency_ratio, 3) as {{ dbt.type_string() }}),
                ' about ', parent_code, ' in the index ', index_code,
                ', more than 0.10: ', least_consistent
            )
        end as reason
    from {{ ref('ahp_consistency') }}
    where
        expert_id <> 'group'
        and (lambda_max is null or not accepted)

),

untestable_judgements as (

    select
        'consistency_is_tested' as rule,
        'ahp_judgements' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'parent_code' as column_name,
        parent_code as value,
        concat(
            'of the index ', index_code, ' has judgements whose consistency cannot be tested: ',
            case
                when random_index is null
                    then concat(
                        'the table ', random_index_table, ' has no random index for ',
                        cast(n_items as {{ dbt.type_string() }}), ' items'
                    )
                else 'no comparison can be inferred from others'
            end
        ) as reason
    from {{ ref('ahp_consistency') }}
    where
        expert_id = 'group'
        and lambda_max is not null
        and consistency_ratio is null

),

analyses as (

    select
        'analysis_is_not_estimated' as rule,
        'pca_analyses' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'analysis_code' as column_name,
        analysis_code as value,
        concat('is not estimated: ', message) as reason
    from {{ ref('pca_fits') }}
    where status = 'not_estimated'

),

periods as (

    select * from {{ ref('int_input__period_warnings') }}

),

unioned as (

    select * from extra_columns
    union all
    select * from periods
    union all
    select * from unfed_indices
    union all
    select * from constant_indicators
    union all
    select * from absent_indicators
    union all
    select * from unscored
    union all
    select * from judgements
    union all
    select * from untestable_judgements
    union all
    select * from analyses

)

select
    rule,
    source_file,
    source_row,
    column_name,
    value,
    reason

from unioned

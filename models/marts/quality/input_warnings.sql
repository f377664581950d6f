{{ config(schema='quality') }}

with

members as (

    select * from {{ ref('int_index__members') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

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
            else concat_ws(
                '',
                'is left out: ',
                cast(n_without_observations as {{ dbt.type_string() }}), ' of its ',
                cast(n_indicators as {{ dbt.type_string() }}),
                ' indicators have no observations, among them ', first_without_observations
            )
        end as reason
    from {{ ref('int_index__data_availability') }}
    where not has_complete_data

),

constant_indicators as (

    select
        'constant_indicator' as rule,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'indicator_code' as column_name,
        members.indicator_code as value,
        concat_ws(
            '',
            'is constant (', cast(bounds.smallest as {{ dbt.type_string() }}), ') in the index ',
            members.index_code,
            case
                when members.is_by_period
                    then concat_ws(
                        '', ', period ', cast(bounds.frame_id as {{ dbt.type_string() }})
                    )
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
        concat_ws(
            '',
            'has no observation in the index ', members.index_code,
            ' (missing policy skip): scores are means over the indicators present, and NULL if '
            || 'these have less than minimum_weight_share of the weight'
        ) as reason
    from {{ ref('int_index__bounds') }} as bounds
    inner join members
        on bounds.member_key = members.member_key
    where bounds.n_rows = 0

),

unvarying_indicators as (

    select
        'indicator_does_not_vary' as rule,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'indicator_code' as column_name,
        members.indicator_code as value,
        concat_ws(
            '',
            'is ', cast(bounds.smallest as {{ dbt.type_string() }}),
            ' everywhere in the index ', members.index_code,
            case
                when members.is_by_period
                    then concat_ws(
                        '', ', period ', cast(bounds.frame_id as {{ dbt.type_string() }})
                    )
                else ''
            end,
            ', between its goalposts ',
            cast(bounds.lower_bound as {{ dbt.type_string() }}), ' and ',
            cast(bounds.upper_bound as {{ dbt.type_string() }}),
            ': it adds the same to every score, and its entropy weight is 0'
        ) as reason
    from {{ ref('int_index__bounds') }} as bounds
    inner join members
        on bounds.member_key = members.member_key
    where
        not bounds.is_constant
        and bounds.n_rows > 1
        and {{ is_within_rounding('bounds.smallest', 'bounds.largest') }}

),

single_units as (

    select
        'index_of_one_unit' as rule,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'index_code' as column_name,
        indices.index_code as value,
        concat_ws(
            '',
            'has observations of one unit only (unit_id ', min(units.unit_id),
            case
                when indices.frame = 'by_period'
                    then concat_ws(
                        '',
                        ') in the period ',
                        cast(min(index_rows.period) as {{ dbt.type_string() }})
                    )
                else ')'
            end,
            ': its scores compare the unit with its goalposts or with its other periods, and its '
            || 'rank within a period is always 1'
        ) as reason
    from {{ ref('int_index__rows') }} as index_rows
    inner join {{ ref('int_catalog__indices') }} as indices
        on index_rows.index_key = indices.index_key
    inner join units
        on index_rows.unit_key = units.unit_key
    group by
        indices.index_code,
        indices.frame,
        case when indices.frame = 'by_period' then index_rows.period end
    having min(index_rows.unit_key) = max(index_rows.unit_key)

),

own_weights as (

    select
        indices.index_code,
        indices.minimum_weight_share,
        own_weights.unit_key,
        own_weights.period,
        own_weights.own_weight,
        row_number() over (
            partition by own_weights.index_key, own_weights.unit_key
            order by own_weights.own_weight, own_weights.period
        ) as place,
        count(*) over (partition by own_weights.index_key, own_weights.unit_key) as n_periods
    from {{ ref('int_index__own_weights') }} as own_weights
    inner join {{ ref('int_catalog__indices') }} as indices
        on own_weights.index_key = indices.index_key
    where own_weights.own_weight < indices.minimum_weight_share - 1e-9

),

thin_units as (

    select
        'unit_has_few_values_of_its_own' as rule,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'unit_id' as column_name,
        units.unit_id as value,
        concat_ws(
            '',
            'has values of its own for ',
            cast(
                cast(floor(100 * own_weights.own_weight + 1e-9) as {{ dbt.type_int() }})
                as {{ dbt.type_string() }}
            ),
            ' % of the weight of the index ', own_weights.index_code, ' in the period ',
            cast(own_weights.period as {{ dbt.type_string() }}),
            case
                when own_weights.n_periods > 1
                    then concat_ws(
                        '',
                        ', the lowest of ', cast(own_weights.n_periods as {{ dbt.type_string() }}),
                        ' such periods'
                    )
                else ''
            end,
            '; minimum_weight_share is ',
            cast(own_weights.minimum_weight_share as {{ dbt.type_string() }}),
            '. The rest is missing or imputed: add observations, or leave the unit out'
        ) as reason
    from own_weights
    inner join units
        on own_weights.unit_key = units.unit_key
    where own_weights.place = 1

),

unobserved_units as (

    select
        'unit_without_observations' as rule,
        'units' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'unit_id' as column_name,
        unit_id as value,
        'has no accepted observation of an indicator of any index: no index scores it'
            as reason
    from units
    where
        origin = 'file'
        and unit_key not in (
            select index_rows.unit_key from {{ ref('int_index__rows') }} as index_rows
        )

),

unscored as (

    select
        'score_below_minimum_weight_share' as rule,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'index_code' as column_name,
        index_code as value,
        concat_ws(
            '',
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
                then concat_ws(
                    '',
                    'left items of ', parent_code, ' in the index ', index_code,
                    ' unconnected: ', least_consistent,
                    '; the judgements still count in the group''s'
                )
            else concat_ws(
                '',
                'has a consistency ratio of ',
                cast(round(consistency_ratio, 3) as {{ dbt.type_string() }}),
                ' about ', parent_code, ' in the index ', index_code,
                ', more than is accepted (0.10, or a smaller consistency_limit): ', least_consistent
            )
        end as reason
    from {{ ref('ahp_consistency') }}
    where
        expert_id <> 'group'
        and (lambda_max is null or not accepted)

),

overridden_judgements as (

    select
        'judgements_are_overridden' as rule,
        'ahp_judgements' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'parent_code' as column_name,
        consistency.parent_code as value,
        concat_ws(
            '',
            'of the index ', consistency.index_code,
            ' has judgements of the group with a consistency ratio of ',
            cast(round(consistency.consistency_ratio, 3) as {{ dbt.type_string() }}),
            ', more than 0.10, used within consistency_limit ',
            cast(indices.consistency_limit as {{ dbt.type_string() }}), ': ',
            coalesce(indices.consistency_reason, '')
        ) as reason
    from {{ ref('ahp_consistency') }} as consistency
    inner join {{ ref('int_catalog__indices') }} as indices
        on consistency.index_code = indices.index_code
    where
        consistency.expert_id = 'group'
        and consistency.overridden

),

untestable_judgements as (

    select
        'consistency_is_tested' as rule,
        'ahp_judgements' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'parent_code' as column_name,
        parent_code as value,
        concat_ws(
            '',
            'of the index ', index_code, ' has judgements whose consistency cannot be tested: ',
            case
                when random_index is null
                    then concat_ws(
                        '',
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
        concat_ws('', 'is not estimated: ', message) as reason
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
    select * from unvarying_indicators
    union all
    select * from single_units
    union all
    select * from thin_units
    union all
    select * from unobserved_units
    union all
    select * from unscored
    union all
    select * from judgements
    union all
    select * from overridden_judgements
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

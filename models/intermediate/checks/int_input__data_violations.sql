{#-
    Violations that only the observations reveal: duplicates, missing cells, indices that cannot be
    built.
-#}
{%- set needs = 'observations units indicators indices index_nodes index_indicators' %}

with

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

built_indices as (

    select indices.*
    from indices
    inner join {{ ref('int_index__data_availability') }} as availability
        on
            indices.index_key = availability.index_key
            and availability.has_complete_data
    where exists (
        select 1 from {{ ref('int_index__members') }} as members
        where members.index_key = indices.index_key
    )

),

members as (

    select * from {{ ref('int_index__members') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

index_rows as (

    select * from {{ ref('int_index__rows') }}

),

bounds as (

    select * from {{ ref('int_index__bounds') }}

),

entropy as (

    select * from {{ ref('int_index__entropy') }}

),

imputed as (

    select * from {{ ref('int_index__imputed_cells') }}

),

duplicates as (

    select
        'observation_is_unique' as rule,
        'observations units indicators' as needs,
        source_file,
        source_row,
        'value' as column_name,
        value_as_read as value,
        concat(
            'is a second record of unit_id ', unit_id, ', period ',
            cast(period as {{ dbt.type_string() }}), ', indicator_code ', indicator_code,
            '; the first is in row ', cast(first_source_row as {{ dbt.type_string() }}),
            '; keep the correct one'
        ) as reason
    from {{ ref('int_observations__duplicates') }}

),

no_accepted_records as (

    select
        'some_observation_is_accepted' as rule,
        'observations units indicators' as needs,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        cast(null as {{ dbt.type_string() }}) as column_name,
        cast(null as {{ dbt.type_string() }}) as value,
        'no record was accepted: all are quarantined' as reason
    from (
        select count(*) as n_quarantined
        from {{ ref('int_observations__quarantined') }}
    ) as counted
    where
        n_quarantined > 0
        and not exists (select 1 from {{ ref('int_observations__accepted') }})

),

unobserved_members as (

    select members.*
    from members
    where
        members.missing_policy <> 'skip'
        and not exists (
            select 1 from {{ ref('int_observations__accepted') }} as accepted
            where accepted.indicator_key = members.indicator_key
        )
        and exists (
            select 1 from index_rows
            where index_rows.index_key = members.index_key
        )

),

unobserved as (

    select
        'indicator_has_observations' as rule,
        '{{ needs }}' as needs,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'indicator_code' as column_name,
        indicator_code as value,
        concat('has no accepted observation, but the index ', index_code, ' requires it') as reason
    from unobserved_members

),

missing as (

    select
        'required_cell_is_there' as rule,
        '{{ needs }}' as needs,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'value' as column_name,
        cast(null as {{ dbt.type_string() }}) as value,
        concat(
            'of ', members.indicator_code, ' is missing for unit_id ', units.unit_id, ', period ',
            cast(imputed.period as {{ dbt.type_string() }}), ', but the index ', members.index_code,
            ' requires it; ',
            case
                when imputed.missing_policy = 'interpolate'
                    then
                        'it cannot be interpolated, since the unit has no observed period on both '
                        || 'sides of it; '
                when imputed.missing_policy = 'minimum'
                    then 'there is no accepted value in its frame to take the minimum of; '
                else ''
            end,
            'add the observation or choose another missing_policy in indicators'
        ) as reason
    from imputed
    inner join members
        on imputed.member_key = members.member_key
    inner join units
        on imputed.unit_key = units.unit_key
    where
        imputed.value is null
        and not exists (
            select 1 from unobserved_members
            where unobserved_members.member_key = imputed.member_key
        )

),

goalposts as (

    select
        index_key,
        sum(case when lower_goalpost is null or upper_goalpost is null then 1 else 0 end)
            as n_without
    from members
    group by index_key

),

row_counts as (

    select
        built_indices.index_key,
        built_indices.index_code,
        built_indices.reference_last_period,
        built_indices.frame,
        min(goalposts.n_without) = 0 as has_only_goalposts,
        count(index_rows.unit_key) as n_rows,
        count(case when index_rows.is_reference then 1 end) as n_reference_rows,
        min(case when index_rows.is_reference then index_rows.unit_key end) as first_unit_key,
        max(case when index_rows.is_reference then index_rows.unit_key end) as last_unit_key
    from built_indices
    inner join goalposts
        on built_indices.index_key = goalposts.index_key
    left join index_rows
        on built_indices.index_key = index_rows.index_key
    group by
        built_indices.index_key,
        built_indices.index_code,
        built_indices.reference_last_period,
        built_indices.frame

),

too_few_rows as (

    select
        'index_has_several_units' as rule,
        '{{ needs }}' as needs,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'index_code' as column_name,
        index_code as value,
        case
            when n_rows = 0 then 'has no accepted observation of any of its indicators'
            when n_reference_rows = 0
                then concat(
                    'has no observation up to its reference_last_period ',
                    cast(reference_last_period as {{ dbt.type_string() }})
                )
            else
                'has only one unit and period, which gives no bounds: add units or periods, or '
                || 'give every indicator both goalposts'
        end as reason
    from row_counts
    where
        n_reference_rows = 0
        or (n_reference_rows = 1 and not has_only_goalposts)

),

-- Under by_period, every frame of a single unit has only constant indicators.
one_unit_by_period as (

    select
        'index_has_several_units' as rule,
        '{{ needs }}' as needs,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'index_code' as column_name,
        index_code as value,
        'has observations of one unit only, and its frame is by_period: every period needs at '
        || 'least two units. Use the frame pooled to compare the periods of one unit' as reason
    from row_counts
    where
        frame = 'by_period'
        and n_reference_rows > 1
        and first_unit_key = last_unit_key
        and not has_only_goalposts

),

all_constant as (

    select
        'index_has_an_indicator_that_varies' as rule,
        '{{ needs }}' as needs,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'index_code' as column_name,
        built_indices.index_code as value,
        concat(
            'has only constant indicators',
            case
                when built_indices.frame = 'by_period'
                    then concat(' in the period ', cast(bounds.frame_id as {{ dbt.type_string() }}))
                else ''
            end,
            ': its units cannot be ranked'
        ) as reason
    from bounds
    inner join built_indices
        on bounds.index_key = built_indices.index_key
    where
        bounds.n_rows > 0
        and not exists (
            select 1 from row_counts
            where
                row_counts.index_key = built_indices.index_key
                and row_counts.first_unit_key = row_counts.last_unit_key
                and (row_counts.n_reference_rows = 1 or row_counts.frame = 'by_period')
        )
    group by built_indices.index_code, built_indices.frame, bounds.frame_id
    having min(case when bounds.is_constant then 1 else 0 end) = 1

),

negative_values as (

    select
        'values_are_not_negative_under_none' as rule,
        '{{ needs }}' as needs,
        typed.source_file,
        typed.source_row,
        'value' as column_name,
        cast(typed.value_as_read as {{ dbt.type_string() }}) as value,
        concat(
            'of ', typed.indicator_code, ' is negative, but the index ', negative_cells.index_code,
            ' has the normalization none, which does not accept negative values; use min_max'
        ) as reason
    from (
        select
            members.index_code,
            accepted.unit_key,
            accepted.period,
            accepted.indicator_key
        from {{ ref('int_observations__accepted') }} as accepted
        inner join members
            on
                accepted.indicator_key = members.indicator_key
                and members.normalization = 'none'
        where accepted.value < 0
    ) as negative_cells
    inner join {{ ref('int_observations__typed') }} as typed
        on
            negative_cells.unit_key = typed.unit_key
            and negative_cells.period = typed.period
            and negative_cells.indicator_key = typed.indicator_key

),

zero_sums as (

    select
        'shares_have_a_positive_sum' as rule,
        '{{ needs }}' as needs,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'indicator_code' as column_name,
        members.indicator_code as value,
        case
            when members.normalization = 'none'
                then concat(
                    'sums to zero in the index ', members.index_code,
                    ': its shares are not defined'
                )
            else concat(
                'lies at or beyond its worst goalpost everywhere in the index ',
                members.index_code,
                ': its shares are not defined'
            )
        end as reason
    from entropy
    inner join members
        on entropy.member_key = members.member_key
    inner join bounds
        on
            entropy.member_key = bounds.member_key
            and entropy.frame_id = bounds.frame_id
    where
        (members.normalization = 'none' and bounds.smallest = 0 and bounds.largest = 0)
        or (
            entropy.score_sum = 0
            and not entropy.is_constant
            and members.aggregation = 'weighted_share'
        )

),

goalposts_without_range as (

    select
        'goalposts_leave_room' as rule,
        '{{ needs }}' as needs,
        'index_indicators' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        case
            when members.lower_goalpost is null then 'upper_goalpost' else 'lower_goalpost'
        end as column_name,
        cast(coalesce(members.lower_goalpost, members.upper_goalpost) as {{ dbt.type_string() }})
            as value,
        concat(
            'of ', members.indicator_code, ' in the index ', members.index_code,
            ' leaves no range: the observed values run from ',
            cast(bounds.smallest as {{ dbt.type_string() }}), ' to ',
            cast(bounds.largest as {{ dbt.type_string() }}), '; give both goalposts'
        ) as reason
    from bounds
    inner join members
        on bounds.member_key = members.member_key
    where
        {{ is_within_rounding('bounds.lower_bound', 'bounds.upper_bound') }}
        and not bounds.is_constant
        and (members.lower_goalpost is null or members.upper_goalpost is null)

),

ranges as (

    select
        members.index_code,
        members.indicator_code,
        members.normalization,
        bounds.lower_bound,
        bounds.upper_bound,
        bounds.n_rows,
        bounds.smallest_of_all,
        bounds.largest_of_all,
        members.lower_goalpost is not null and members.upper_goalpost is not null as is_in_catalog
    from bounds
    inner join members
        on bounds.member_key = members.member_key

),

-- The difference or the sum of finite doubles may overflow.
overflowing as (

    select
        'range_is_finite' as rule,
        '{{ needs }}' as needs,
        case when is_in_catalog then 'index_indicators' else 'observations' end as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'indicator_code' as column_name,
        indicator_code as value,
        concat(
            'has a range in the index ', index_code,
            ' that exceeds the range of a double: its bounds are ',
            cast(lower_bound as {{ dbt.type_string() }}), ' and ',
            cast(upper_bound as {{ dbt.type_string() }}), ', its values run from ',
            cast(smallest_of_all as {{ dbt.type_string() }}), ' to ',
            cast(largest_of_all as {{ dbt.type_string() }}),
            '; correct these values, or change the unit of the indicator'
        ) as reason
    from ranges
    where
        not coalesce(abs(upper_bound - lower_bound) <= {{ largest_double() }}, true)
        or not coalesce(abs(largest_of_all - lower_bound) <= {{ largest_double() }}, true)
        or not coalesce(abs(upper_bound - smallest_of_all) <= {{ largest_double() }}, true)
        or (
            -- The logarithm of a double is below 710.
            normalization = 'none'
            and not coalesce(abs(upper_bound * n_rows * 710) <= {{ largest_double() }}, true)
        )

),

without_fixed_weight as (

    select
        'fixed_weights_reach_an_indicator_that_varies' as rule,
        '{{ needs }}' as needs,
        'indices' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'index_code' as column_name,
        built_indices.index_code as value,
        'has all of its fixed weights on constant indicators or on weights of 0: '
        || 'no indicator is left to score' as reason
    from entropy
    inner join members
        on entropy.member_key = members.member_key
    inner join built_indices
        on
            entropy.index_key = built_indices.index_key
            and built_indices.weighting = 'fixed'
    inner join {{ ref('int_catalog__nodes') }} as roots
        on
            built_indices.index_code = roots.index_code
            and roots.parent_key is null
    inner join {{ ref('int_catalog__node_ancestors') }} as ancestors
        on
            entropy.node_key = ancestors.node_key
            and roots.node_key = ancestors.ancestor_key
    group by built_indices.index_code, entropy.frame_id
    having
        max(
            case
                when entropy.is_constant or ancestors.passes_a_zero_weight then 0
                else coalesce(members.fixed_weight, 1)
            end
        ) <= 0
        and min(case when entropy.is_constant then 1 else 0 end) = 0

),

without_entropy_weights as (

    select
        'entropy_weights_exist' as rule,
        '{{ needs }}' as needs,
        'observations' as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row,
        'index_code' as column_name,
        built_indices.index_code as value,
        'has no entropy weights: every standardised indicator is spread evenly '
        || '(check whether all values lie beyond a goalpost)' as reason
    from entropy
    inner join built_indices
        on
            entropy.index_key = built_indices.index_key
            and built_indices.weighting = 'entropy'
    group by built_indices.index_code, entropy.frame_id
    having
        coalesce(sum(entropy.divergence), 0) <= 0
        and min(case when entropy.is_constant then 1 else 0 end) = 0

),

unioned as (

    select * from duplicates
    union all
    select * from no_accepted_records
    union all
    select * from unobserved
    union all
    select * from missing
    union all
    select * from too_few_rows
    union all
    select * from one_unit_by_period
    union all
    select * from overflowing
    union all
    select * from all_constant
    union all
    select * from negative_values
    union all
    select * from zero_sums
    union all
    select * from goalposts_without_range
    union all
    select * from without_fixed_weight
    union all
    select * from without_entropy_weights

)

select * from unioned

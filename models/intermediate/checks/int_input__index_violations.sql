{#- Indices that their observations do not permit to build: rows, bounds and weights. -#}
{%- set needs = [
    'observations', 'units', 'indicators', 'indices', 'index_nodes', 'index_indicators',
] %}

with

members as (

    select * from {{ ref('int_index__members') }}

),

bounds as (

    select * from {{ ref('int_index__bounds') }}

),

entropy as (

    select * from {{ ref('int_index__entropy') }}

),

row_counts as (

    select
        index_key,
        count(*) as n_rows,
        count(case when is_reference then 1 end) as n_reference_rows,
        min(case when is_reference then unit_key end) as first_unit_key,
        max(case when is_reference then unit_key end) as last_unit_key
    from {{ ref('int_index__rows') }}
    group by index_key

),

indices as (

    select
        indices.index_key,
        indices.index_code,
        indices.frame,
        indices.weighting,
        indices.reference_last_period,
        coalesce(row_counts.n_rows, 0) as n_rows,
        coalesce(row_counts.n_reference_rows, 0) as n_reference_rows,
        -- Under by_period, every frame of a single unit has only constant indicators.
        coalesce(
            row_counts.first_unit_key = row_counts.last_unit_key
            and (row_counts.n_reference_rows = 1 or indices.frame = 'by_period'),
            false
        ) as has_frames_of_one_row
    from {{ ref('int_catalog__indices') }} as indices
    left join row_counts
        on indices.index_key = row_counts.index_key
    where indices.index_key in (select members.index_key from members)

),

too_few_rows as (

    select
        {{ rule_and_place('index_has_several_units', needs, 'observations') }},
        'index_code' as column_name,
        index_code as value,
        case
            when n_rows = 0 then 'has no accepted observation of any of its indicators'
            when n_reference_rows = 0
                then concat_ws(
                    '',
                    'has no observation up to its reference_last_period ',
                    cast(reference_last_period as {{ dbt.type_string() }})
                )
            when n_reference_rows = 1
                then
                    'has only one unit and period, which gives no bounds: add units or periods, or '
                    || 'give every indicator both goalposts'
            else
                'has observations of one unit only, and its frame is by_period: every period needs '
                || 'at least two units. Use the frame pooled to compare the periods of one unit'
        end as reason
    from indices
    where
        n_reference_rows = 0
        or (
            has_frames_of_one_row
            and index_key in (
                select members.index_key from members
                where members.lower_goalpost is null or members.upper_goalpost is null
            )
        )

),

all_constant as (

    select
        {{ rule_and_place('index_has_an_indicator_that_varies', needs, 'observations') }},
        'index_code' as column_name,
        indices.index_code as value,
        concat_ws(
            '',
            'has only constant indicators',
            case
                when indices.frame = 'by_period'
                    then concat_ws(
                        '', ' in the period ', cast(bounds.frame_id as {{ dbt.type_string() }})
                    )
                else ''
            end,
            ': its units cannot be ranked'
        ) as reason
    from bounds
    inner join indices
        on bounds.index_key = indices.index_key
    where
        bounds.n_rows > 0
        and not indices.has_frames_of_one_row
    group by indices.index_code, indices.frame, bounds.frame_id
    having min(case when bounds.is_constant then 1 else 0 end) = 1

),

zero_sums as (

    select
        {{ rule_and_place('shares_have_a_positive_sum', needs, 'observations') }},
        'indicator_code' as column_name,
        members.indicator_code as value,
        concat_ws(
            '',
            case
                when members.normalization = 'none' then 'sums to zero in the index '
                else 'lies at or beyond its worst goalpost everywhere in the index '
            end,
            members.index_code, ': its shares are not defined'
        ) as reason
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
        {{ rule_and_place('goalposts_leave_room', needs, 'index_indicators') }},
        case
            when members.lower_goalpost is null then 'upper_goalpost' else 'lower_goalpost'
        end as column_name,
        cast(coalesce(members.lower_goalpost, members.upper_goalpost) as {{ dbt.type_string() }})
            as value,
        concat_ws(
            '',
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
        bounds.*,
        members.index_code,
        members.indicator_code,
        members.normalization,
        case
            when members.lower_goalpost is not null and members.upper_goalpost is not null
                then 'index_indicators'
            else 'observations'
        end as source_file,
        cast(null as {{ dbt.type_bigint() }}) as source_row
    from bounds
    inner join members
        on bounds.member_key = members.member_key

),

-- The difference or the sum of finite doubles may overflow. The logarithm of a double is below 710.
overflowing as (

    select
        {{ rule_and_place('range_is_finite', needs, records='ranges') }},
        'indicator_code' as column_name,
        ranges.indicator_code as value,
        concat_ws(
            '',
            'has a range in the index ', ranges.index_code,
            ' that exceeds the range of a double: its bounds are ',
            cast(ranges.lower_bound as {{ dbt.type_string() }}), ' and ',
            cast(ranges.upper_bound as {{ dbt.type_string() }}), ', its values run from ',
            cast(ranges.smallest_of_all as {{ dbt.type_string() }}), ' to ',
            cast(ranges.largest_of_all as {{ dbt.type_string() }}),
            '; correct these values, or change the unit of the indicator'
        ) as reason
    from ranges
    where
        {%- for number in [
            'ranges.upper_bound - ranges.lower_bound',
            'ranges.largest_of_all - ranges.lower_bound',
            'ranges.upper_bound - ranges.smallest_of_all',
            "case when ranges.normalization = 'none' then ranges.upper_bound * ranges.n_rows * 710 end",
        ] %}
        {{ 'or ' if not loop.first }}not coalesce(abs({{ number }}) <= {{ largest_double() }}, true)
        {%- endfor %}

),

without_fixed_weight as (

    select
        {{ rule_and_place('fixed_weights_reach_an_indicator_that_varies', needs, 'indices') }},
        'index_code' as column_name,
        indices.index_code as value,
        'has all of its fixed weights on constant indicators or on weights of 0: '
        || 'no indicator is left to score' as reason
    from entropy
    inner join members
        on entropy.member_key = members.member_key
    inner join indices
        on
            entropy.index_key = indices.index_key
            and indices.weighting = 'fixed'
    inner join {{ ref('int_catalog__nodes') }} as roots
        on
            indices.index_code = roots.index_code
            and roots.parent_key is null
    inner join {{ ref('int_catalog__node_ancestors') }} as ancestors
        on
            entropy.node_key = ancestors.node_key
            and roots.node_key = ancestors.ancestor_key
    group by indices.index_code, entropy.frame_id
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
        {{ rule_and_place('entropy_weights_exist', needs, 'observations') }},
        'index_code' as column_name,
        indices.index_code as value,
        'has no entropy weights: every standardised indicator is spread evenly '
        || '(check whether all values lie beyond a goalpost)' as reason
    from entropy
    inner join indices
        on
            entropy.index_key = indices.index_key
            and indices.weighting = 'entropy'
    group by indices.index_code, entropy.frame_id
    having
        coalesce(sum(entropy.divergence), 0) <= 0
        and min(case when entropy.is_constant then 1 else 0 end) = 0

)

{%- for rule in [
    'too_few_rows', 'all_constant', 'zero_sums', 'goalposts_without_range', 'overflowing',
    'without_fixed_weight', 'without_entropy_weights',
] %}
select * from {{ rule }}
{{ 'union all' if not loop.last }}
{%- endfor %}

with

missing as (

    select * from {{ ref('int_index__missing_cells') }}
    where missing_policy <> 'skip'

),

accepted as (

    select * from {{ ref('int_observations__accepted') }}

),

members as (

    select * from {{ ref('int_index__members') }}

),

periods as (

    select * from {{ ref('int_periods__of_indices') }}

),

members_to_fill_by_minimum as (

    select distinct member_key
    from missing
    where missing_policy = 'minimum'

),

minima as (

    select
        members.member_key,
        case when members.is_by_period then accepted.period else 0 end as frame_id,
        min(accepted.value) as smallest
    from members
    inner join members_to_fill_by_minimum
        on members.member_key = members_to_fill_by_minimum.member_key
    inner join accepted
        on
            members.indicator_key = accepted.indicator_key
            and coalesce(members.reference_last_period >= accepted.period, true)
    group by
        members.member_key,
        case when members.is_by_period then accepted.period else 0 end

),

neighbours as (

    select
        missing.member_key,
        missing.unit_key,
        missing.period,
        max(case when accepted.period < missing.period then accepted.period end) as period_before,
        min(case when accepted.period > missing.period then accepted.period end) as period_after
    from missing
    inner join accepted
        on
            missing.unit_key = accepted.unit_key
            and missing.indicator_key = accepted.indicator_key
    where missing.missing_policy = 'interpolate'
    group by missing.member_key, missing.unit_key, missing.period

),

interpolated as (

    select
        neighbours.member_key,
        neighbours.unit_key,
        neighbours.period,
        -- One row even if a neighbour is recorded twice, which the gate reports.
        min(
            before_gap.value
            + (after_gap.value - before_gap.value)
            * (cast(gaps.step as double) - steps_before.step)
            / nullif(cast(steps_after.step as double) - steps_before.step, 0)
        ) as value
    from neighbours
    inner join members
        on neighbours.member_key = members.member_key
    inner join accepted as before_gap
        on
            neighbours.unit_key = before_gap.unit_key
            and members.indicator_key = before_gap.indicator_key
            and neighbours.period_before = before_gap.period
    inner join accepted as after_gap
        on
            neighbours.unit_key = after_gap.unit_key
            and members.indicator_key = after_gap.indicator_key
            and neighbours.period_after = after_gap.period
    inner join periods as gaps
        on
            members.index_key = gaps.index_key
            and neighbours.period = gaps.period
    inner join periods as steps_before
        on
            members.index_key = steps_before.index_key
            and neighbours.period_before = steps_before.period
    inner join periods as steps_after
        on
            members.index_key = steps_after.index_key
            and neighbours.period_after = steps_after.period
    group by neighbours.member_key, neighbours.unit_key, neighbours.period

)

select
    missing.member_key,
    missing.unit_key,
    missing.period,
    missing.missing_policy,
    cast(
        {{ case_by_value('indicators.missing_policy', 'missing.missing_policy', {
            'fail': 'null',
            'zero': '0',
            'minimum': 'minima.smallest',
            'interpolate': 'interpolated.value',
            'skip': 'null',
        }) }} as double
    ) as value

from missing
left join minima
    on
        missing.member_key = minima.member_key
        and missing.frame_id = minima.frame_id
left join interpolated
    on
        missing.member_key = interpolated.member_key
        and missing.unit_key = interpolated.unit_key
        and missing.period = interpolated.period

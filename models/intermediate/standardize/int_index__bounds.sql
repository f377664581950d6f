with

cells as (

    select * from {{ ref('int_index__cells') }}

),

members as (

    select * from {{ ref('int_index__members') }}

),

observed as (

    select
        member_key,
        frame_id,
        count(case when is_reference then 1 end) as n_rows,
        min(case when is_reference then value end) as smallest,
        max(case when is_reference then value end) as largest,
        min(value) as smallest_of_all,
        max(value) as largest_of_all
    from cells
    group by member_key, frame_id
    having count(case when is_reference then 1 end) > 0

),

frames as (

    select distinct
        members.index_key,
        observed.frame_id
    from observed
    inner join members
        on observed.member_key = members.member_key

)

select
    members.member_key,
    members.index_key,
    members.node_key,
    frames.frame_id,
    coalesce(observed.n_rows, 0) as n_rows,
    observed.smallest,
    observed.largest,
    observed.smallest_of_all,
    observed.largest_of_all,
    case when observed.n_rows > 0 then coalesce(members.lower_goalpost, observed.smallest) end
        as lower_bound,
    case when observed.n_rows > 0 then coalesce(members.upper_goalpost, observed.largest) end
        as upper_bound,
    -- With two goalposts an indicator has a z even if all units have the same value.
    coalesce(
        {{ is_within_rounding('observed.smallest', 'observed.largest') }}
        and (members.lower_goalpost is null or members.upper_goalpost is null),
        false
    ) as is_constant,
    members.direction,
    {{ case_by_value('indices.normalization', 'members.normalization', {
        'min_max': 'true', 'efficacy': 'true', 'none': 'false',
    }) }} as is_standardized,
    members.lower_goalpost,
    members.upper_goalpost,
    members.score_base,
    members.score_span,
    members.aggregation

from frames
inner join members
    on frames.index_key = members.index_key
left join observed
    on
        members.member_key = observed.member_key
        and frames.frame_id = observed.frame_id

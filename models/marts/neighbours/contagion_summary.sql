{#-
    Over all provinces. No published mart has the links of a single enterprise, so small cells are suppressed here
    too: all kinds or none, since the kinds add up to any.
-#}
{%- set smallest = var('smallest_cell') %}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

counts as (

    select * from {{ ref('int_neighbours__regional_counts') }}
    where province_code is null

),

circles as (

    select
        'guarantee' as kind,
        data_origin,
        count(distinct circle_number) as circles,
        count(*) as in_circles
    from {{ ref('guarantee_circles') }}
    group by data_origin

),

scenarios as (

    select
        'any' as kind,
        data_origin,
        max(case when method = 'debt_rank' then share_of_capital end) as debt_rank,
        max(case when method = 'threshold_cascade' then affected end) as failed,
        min(start_enterprises) as start_enterprises,
        max(affected) as affected
    from {{ ref('contagion_scenarios') }}
    where scenario = 'worst_level'
    group by data_origin

),

assessed as (

    select
        counts.*,
        coalesce(circles.circles, 0) as circles,
        coalesce(circles.in_circles, 0) as in_circles,
        scenarios.debt_rank,
        scenarios.failed,
        (
            {%- for count in [
                'counts.enterprises', 'counts.linked', 'counts.exposed',
                'counts.exposed_within_two', 'counts.with_amount', 'counts.warned',
                'counts.exposed_within_two - counts.exposed', 'circles.in_circles',
                'scenarios.start_enterprises', 'scenarios.affected', 'scenarios.failed',
            ] %}
            coalesce({{ count }} between 1 and {{ smallest }} - 1, false)
            or
            {%- endfor %}
            (
                counts.exposed_within_two > 0
                and counts.enterprises - counts.exposed_within_two < {{ smallest }}
            )
        ) as has_small_cell
    from counts
    left join circles
        on
            counts.kind = circles.kind
            and counts.data_origin = circles.data_origin
    left join scenarios
        on
            counts.kind = scenarios.kind
            and counts.data_origin = scenarios.data_origin

),

decided as (

    select
        *,
        max(case when has_small_cell then 1 else 0 end) over () = 1 as is_suppressed
    from assessed

)

select
    decided.kind,
    as_of.as_of,
    {%- for count in [
        'enterprises', 'linked', 'exposed', 'exposed_within_two',
    ] %}
    case when not decided.is_suppressed then decided.{{ count }} end as {{ count }},
    {%- endfor %}
    case
        when not decided.is_suppressed
            then {{ significant_digits('cast(decided.exposed as double) / decided.enterprises') }}
    end as share_exposed,
    case
        when not decided.is_suppressed then {{ significant_digits('decided.amount_at_risk', 9) }}
    end as amount_at_risk,
    case
        when not decided.is_suppressed and decided.kind = 'guarantee' then decided.circles
    end as circles,
    case
        when not decided.is_suppressed and decided.kind = 'guarantee' then decided.in_circles
    end as in_circles,
    case when not decided.is_suppressed then decided.debt_rank end as debt_rank,
    case when not decided.is_suppressed then decided.failed end as failed,
    decided.is_suppressed,
    decided.data_origin

from decided
cross join as_of

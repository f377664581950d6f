{#-
    A signal is one stretch of days over which a rule's measure stood beyond its threshold (and for
    stands_days after). It is raised when the records that reach the threshold are there, which may be later
    than what they tell of, and lapses with the stretch, or when a repair of the record is passed after whose
    rectification nothing has happened.
-#}
with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

rules as (

    select * from {{ ref('int_warnings__rules') }}

),

levels as (

    select * from {{ ref('int_warnings__levels') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

),

repairs as (

    select * from {{ ref('int_warnings__repairs') }}
    where has_repaired

),

measures as (

    select measures.*
    from {{ ref('int_warnings__measures') }} as measures
    cross join as_of
    where measures.known_at < {{ dbt.dateadd('day', 1, 'as_of.as_of') }}

),

-- What is known of each day by now, beside what was known of it then.
dated as (

    select
        *,
        row_number() over (
            partition by enterprise_key, measure_code, day
            order by known_at desc
        ) = 1 as is_latest
    from measures

),

compared as (

    select
        dated.enterprise_key,
        rules.rule_code,
        rules.stands_days,
        rules.is_repairable,
        levels.level,
        levels.level_rank,
        dated.day,
        dated.known_at,
        dated.is_latest,
        dated.last_occurred_day,
        dated.evidence,
        case
            when rules.measure = 'max_share_of_capital'
                then dated.measured_value / enterprises.registered_capital
            else dated.measured_value
        end as measured_value,
        rules.comparison,
        rules.threshold
    from dated
    inner join rules
        on dated.measure_code = rules.measure_code
    inner join levels
        on rules.level = levels.level
    inner join enterprises
        on dated.enterprise_key = enterprises.enterprise_key

),

judged as (

    select
        *,
        coalesce(
            case comparison
                when '>=' then measured_value >= threshold
                when '>' then measured_value > threshold
            end,
            false
        ) as fires
    from compared

),

stretches as (

    select
        *,
        stands_days + lead(day) over (
            partition by enterprise_key, rule_code
            order by day
        ) as end_day
    from judged
    where is_latest

),

begun as (

    select
        *,
        case
            when day <= max(end_day) over (
                partition by enterprise_key, rule_code
                order by day
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as is_begin
    from stretches
    where fires

),

numbered as (

    select
        *,
        sum(is_begin) over (
            partition by enterprise_key, rule_code
            order by day
            rows between unbounded preceding and current row
        ) as signal_number
    from begun

),

signals as (

    select
        enterprise_key,
        rule_code,
        is_repairable,
        level,
        level_rank,
        signal_number,
        min(day) as start_day,
        max(end_day) as end_day,
        max(measured_value) as largest_value,
        max(last_occurred_day) as last_occurred_day
    from numbered
    group by enterprise_key, rule_code, is_repairable, level, level_rank, signal_number

),

raisings as (

    select
        signals.*,
        judged.day as fired_day,
        judged.known_at as raised_at,
        judged.measured_value as value_when_raised,
        judged.evidence,
        row_number() over (
            partition by signals.enterprise_key, signals.rule_code, signals.signal_number
            order by judged.known_at, judged.day
        ) as raising
    from signals
    inner join judged
        on
            signals.enterprise_key = judged.enterprise_key
            and signals.rule_code = judged.rule_code
            and judged.day between signals.start_day and signals.end_day - 1
            and judged.fires

),

ends as (

    select
        raisings.enterprise_key,
        raisings.rule_code,
        raisings.signal_number,
        coalesce(
            min(repairs.decision_recorded_at),
            min(cast({{ date_of_day('raisings.end_day') }} as timestamp))
        ) as lapses_at
    from raisings
    left join repairs
        on
            raisings.enterprise_key = repairs.enterprise_key
            and raisings.is_repairable
            and raisings.last_occurred_day <= repairs.rectified_day
            and cast({{ date_of_day('raisings.end_day') }} as timestamp)
            > repairs.decision_recorded_at
    where raisings.raising = 1
    group by raisings.enterprise_key, raisings.rule_code, raisings.signal_number

)

select
    raisings.enterprise_key,
    raisings.rule_code,
    raisings.level,
    raisings.level_rank,
    raisings.signal_number,
    {{ date_of_day('raisings.fired_day') }} as fired_on,
    raisings.raised_at,
    {{ date_of_day('raisings.end_day') }} as end_on,
    ends.lapses_at,
    -- What is told of after it has lapsed never stood.
    raisings.raised_at < ends.lapses_at as has_stood,
    raisings.value_when_raised,
    raisings.largest_value,
    raisings.last_occurred_day,
    raisings.evidence

from raisings
inner join ends
    on
        raisings.enterprise_key = ends.enterprise_key
        and raisings.rule_code = ends.rule_code
        and raisings.signal_number = ends.signal_number
where raisings.raising = 1

-- Repairs of the enterprises of work_events. A rectification covers the applications between it
-- and the next one; the next decision decides an application, so after a refusal one may apply
-- again. In time means within six months (Song & Liu 2025, section 6.3.1). work_repairs has the
-- application that was made in time and passed, else the first.

create or replace temp table work_repairs as
with rectified as (
    select
        en,
        occurred as rectified_at,
        lead(occurred) over (partition by en order by occurred) as next_rectified_at
    from (
        select distinct en, occurred
        from work_events
        where type_code = (select code from work_codes where text = 'rectification_completed')
    )
),
decisions as (
    select
        en,
        occurred as decided_at,
        recorded as decision_recorded_at,
        result_code,
        result_code = (select code from work_codes where text = 'passed') as is_passed,
        lag(occurred) over in_order as decided_before
    from work_events
    where type_code = (select code from work_codes where text = 'repair_decision')
    window in_order as (partition by en order by occurred, recorded, event_hash)
),
applications as (
    select distinct en, occurred as applied_at
    from work_events
    where type_code = (select code from work_codes where text = 'repair_application')
),
evaluated as (
    select
        rectified.en,
        rectified.rectified_at,
        applications.applied_at,
        decisions.* exclude (en, decided_before),
        applied_at <= rectified_at + interval 6 month as is_in_time,
        coalesce(is_in_time and is_passed, false) as has_repaired
    from rectified
    inner join applications
        on
            rectified.en = applications.en
            and applications.applied_at >= rectified.rectified_at
            and (
                rectified.next_rectified_at is null
                or applications.applied_at < rectified.next_rectified_at
            )
    left join decisions
        on
            applications.en = decisions.en
            and applications.applied_at <= decisions.decided_at
            and (
                decisions.decided_before is null
                or applications.applied_at > decisions.decided_before
            )
),
chosen as (
    select * from evaluated
    qualify row_number() over (
        partition by en, rectified_at
        order by has_repaired desc, applied_at, decided_at, decision_recorded_at, is_passed
    ) = 1
)
select
    rectified.en,
    rectified.rectified_at,
    chosen.applied_at,
    chosen.is_in_time,
    chosen.decided_at,
    chosen.decision_recorded_at,
    chosen.result_code,
    coalesce(chosen.has_repaired, false) as has_repaired
from rectified
left join chosen
    on rectified.en = chosen.en and rectified.rectified_at = chosen.rectified_at;

-- The first decision by which everything up to the rectification is repaired.
create or replace temp table work_cover as
select
    en,
    rectified_at,
    min(decision_recorded_at) over (
        partition by en order by rectified_at desc rows unbounded preceding
    ) as repaired_at
from work_repairs
where has_repaired;

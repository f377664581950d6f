-- The records that the state does not have yet, from work_records. Of several records under one
-- id the one that was recorded first counts; the others are kept in other_records.

create or replace temp table work_new as
with numbered as (
    select
        *,
        row_number() over (partition by event_hash, content order by recorded) as copy
    from work_records
    where event_hash in (
        select event_hash from work_records group by event_hash having count(*) > 1
    )
),
distinct_records as (
    select * from work_records
    where event_hash not in (select event_hash from numbered)
    union all
    select * exclude (copy) from numbered where copy = 1
)
select * from distinct_records as records
where
    (event_hash, content) not in (
        select (event_hash, content) from early_warning.event_texts
        where event_hash in (select event_hash from work_records)
    )
    and (event_hash, content) not in (
        select (event_hash, content) from early_warning.other_records
    );

-- Ids under which there are several records now.
create or replace temp table work_contested as
select event_hash from work_new
where event_hash in (select event_hash from early_warning.event_texts)
union
select event_hash from work_new group by event_hash having count(*) > 1;

-- All records under these ids that may count: the new ones, and the one that has counted so far.
create or replace temp table work_versions as
with versions as (
    select *, false as has_counted from work_new
    where event_hash in (select event_hash from work_contested)
    union all by name
    select
        events.*,
        texts.event_id,
        texts.content,
        handling.owner,
        handling.snoozed_until,
        handling.reason,
        true as has_counted
    from (
        from early_warning.events where event_hash in (select event_hash from work_contested)
    ) as events
    inner join (
        from early_warning.event_texts where event_hash in (select event_hash from work_contested)
    ) as texts using (event_hash)
    left join early_warning.handling as handling using (event_hash)
)
select
    *,
    row_number() over (partition by event_hash order by recorded, content) = 1 as counts,
    count(distinct event_id) over (partition by event_hash) > 1 as is_collision
from versions;

create or replace temp table work_added as
select * exclude (has_counted, counts, is_collision) from work_versions
where counts and not has_counted
union all
select * from work_new
where event_hash not in (select event_hash from work_contested);

create or replace temp table work_displaced as
select * exclude (has_counted, counts, is_collision) from work_versions
where has_counted and not counts;

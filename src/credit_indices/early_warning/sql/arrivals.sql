-- The records that the state does not have yet: work_records becomes work_added. Of several records
-- under one id the one that was recorded first counts; the others are kept in other_records.

-- Ids with several records, or with a record in the state: few if the folder holds one day, nearly
-- all if it holds all days.
create or replace temp table work_repeated as
with known as (
    select distinct event_hash from work_records
    where event_hash in (select event_hash from early_warning.event_texts)
),
several as (
    select event_hash from work_records group by event_hash having count(*) > 1
)
select
    coalesce(known.event_hash, several.event_hash) as event_hash,
    known.event_hash is not null as is_known
from known
full join several on known.event_hash = several.event_hash;

create or replace temp table work_new as
with unknown as (
    select * from work_records
    where
        event_hash in (select event_hash from work_repeated)
        and (event_hash, content) not in (
            select (event_hash, content) from early_warning.event_texts
            where event_hash in (select event_hash from work_repeated where is_known)
        )
        and (event_hash, content) not in (
            select (event_hash, content) from early_warning.other_records
        )
)
select * from unknown
qualify row_number() over (partition by event_hash, content order by recorded) = 1;

delete from work_records where event_hash in (select event_hash from work_repeated);

create or replace temp table work_contested as
select distinct event_hash from work_new
where event_hash in (select event_hash from work_repeated where is_known);

-- All records under the repeated ids that may count: the new ones, and the one that has counted so
-- far.
create or replace temp table work_versions as
with versions as (
    select *, false as has_counted from work_new
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
        from early_warning.events where event_hash in (from work_contested)
    ) as events
    inner join (
        from early_warning.event_texts where event_hash in (from work_contested)
    ) as texts using (event_hash)
    left join early_warning.handling as handling using (event_hash)
)
select
    *,
    row_number() over (partition by event_hash order by recorded, content) = 1 as counts,
    count(distinct event_id) over (partition by event_hash) > 1 as is_collision
from versions;

drop table if exists work_added;
alter table work_records rename to work_added;
insert into work_added by name
select * exclude (has_counted, counts, is_collision) from work_versions
where counts and not has_counted;

create or replace temp table work_displaced as
select * exclude (has_counted, counts, is_collision) from work_versions
where has_counted and not counts;

-- Moments from which a day is known to meet the threshold, on days with evidence.
create or replace temp table work_known as
-- Each event meets the threshold by itself.
select told.en, told.rule, told.day, told.recorded as known_at
from work_told as told
inner join work_rules as rules on told.rule = rules.rule
where
    told.repaired_at > (date '1970-01-01' + told.day)::timestamp
    and (
        told.metric = 'max_ratio'
        or (
            told.metric in ('count', 'sum')
            and case
                when rules.is_strict then told.amount > rules.threshold
                else told.amount >= rules.threshold
            end
        )
    )
union all
-- The sum of a day.
select en, rule, day, min(recorded)
from (
    select
        told.en,
        told.rule,
        told.day,
        told.recorded,
        sum(told.amount) over so_far::double / enterprises.capital as share,
        max(told.repaired_at) over so_far as repaired_at,
        rules.is_strict,
        rules.threshold
    from work_told as told
    inner join work_flow_days as days
        on told.en = days.en and told.rule = days.rule and told.day = days.day
    inner join work_enterprises as enterprises on told.en = enterprises.en
    inner join work_rules as rules on told.rule = rules.rule
    window so_far as (
        partition by told.en, told.rule, told.day
        order by told.recorded, told.event_hash
        rows unbounded preceding
    )
)
where
    case when is_strict then share > threshold else share >= threshold end
    and repaired_at > (date '1970-01-01' + day)::timestamp
group by en, rule, day
union all
-- Sums over the window, where several events may be needed.
select en, rule, day, min(recorded)
from (
    select
        days.en,
        days.rule,
        days.day,
        told.recorded,
        sum(told.amount) over so_far as total,
        max(told.repaired_at) over so_far as repaired_at,
        days.is_strict,
        days.threshold
    from (
        select distinct
            told.en,
            told.rule,
            told.day,
            rules.window_days,
            rules.is_strict,
            rules.threshold,
            unnest([floor(told.day / rules.window_days), floor(told.day / rules.window_days) - 1]) as bucket
        from work_told as told
        inner join work_rules as rules on told.rule = rules.rule
        semi join work_signal_periods as fired
            on told.en = fired.en and told.rule = fired.rule
        where
            told.metric in ('count', 'sum')
            -- One event is enough where every event has at least the least amount.
            and (rules.is_strict or rules.threshold > 1 or told.metric = 'sum')
    ) as days
    inner join work_told as told
        on
            days.en = told.en
            and days.rule = told.rule
            and days.bucket = floor(told.day / days.window_days)
    where told.day > days.day - days.window_days and told.day <= days.day
    window so_far as (
        partition by days.en, days.rule, days.day
        order by told.recorded, told.event_hash
        rows unbounded preceding
    )
)
where
    case when is_strict then total > threshold else total >= threshold end
    and repaired_at > (date '1970-01-01' + day)::timestamp
group by en, rule, day
union all
-- Runs of months: every run of the needed length, known when each of its months is, and when an
-- event that is not repaired is.
select en, rule, day, min(greatest(known_at, unrepaired_at))
from (
    select
        en,
        rule,
        day,
        months_needed,
        count(*) over needed as length,
        max(recorded) over needed as known_at,
        min(unrepaired) over needed as unrepaired_at
    from (
        select
            days.en,
            days.rule,
            days.day,
            any_value(days.months_needed) as months_needed,
            inside.month,
            min(inside.recorded) as recorded,
            min(inside.recorded) filter (
                inside.repaired_at > (date '1970-01-01' + days.day)::timestamp
            ) as unrepaired
        from (
            select distinct
                en,
                rule,
                day,
                window_days,
                months_needed,
                unnest([floor(day / window_days), floor(day / window_days) - 1]) as bucket
            from work_month_days
            semi join work_signal_periods using (en, rule)
        ) as days
        inner join work_month_days as inside
            on
                days.en = inside.en
                and days.rule = inside.rule
                and days.bucket = floor(inside.day / days.window_days)
        where inside.day > days.day - days.window_days and inside.day <= days.day
        group by days.en, days.rule, days.day, inside.month
    )
    window needed as (
        partition by en, rule, day
        order by month
        range between months_needed - 1 preceding and current row
    )
)
where length = months_needed and unrepaired_at is not null
group by en, rule, day;

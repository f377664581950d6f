-- Values of the metrics, and the periods of days on which they meet the threshold of a rule.

-- Values of the metrics on the days on which they can change: days with events, and the days on
-- which these leave the window.
create or replace temp table work_values as
with points as (
    select
        en,
        rule,
        day,
        sum(amount) as total,
        null::double as largest,
        max(repaired_at) as repaired_at,
        max(day) as last_day
    from work_told
    where metric in ('count', 'sum')
    group by en, rule, day
    union all
    select en, rule, day, null, max(ratio), max(repaired_at), max(day)
    from work_told
    where metric = 'max_ratio'
    group by en, rule, day
    union all
    select told.en, told.rule, told.day, null, any_value(days.share), max(told.repaired_at), told.day
    from work_told as told
    inner join work_flow_days as days
        on told.en = days.en and told.rule = days.rule and told.day = days.day
    group by told.en, told.rule, told.day
),
changes as (
    select points.*, rules.window_days
    from points
    inner join work_rules as rules on points.rule = rules.rule
    union all
    select
        points.en,
        points.rule,
        points.day + rules.window_days,
        null,
        null,
        null,
        null,
        rules.window_days
    from points
    inner join work_rules as rules on points.rule = rules.rule
),
sliding as (
    select distinct
        en,
        rule,
        day,
        coalesce(
            sum(total) over in_window::double, max(largest) over in_window, 0
        ) as value,
        max(repaired_at) over in_window as repaired_at,
        max(last_day) over in_window as last_day
    from changes
    window in_window as (
        partition by en, rule
        order by day
        range between window_days - 1 preceding and current row
    )
)
select * from sliding;

-- Longest runs of months, the windows of a day joined by buckets of window_days.
create or replace temp table work_month_days as
select
    told.en,
    told.rule,
    told.day,
    (year(told.occurred) * 12 + month(told.occurred))::integer as month,
    told.repaired_at,
    min(told.recorded) as recorded,
    any_value(rules.window_days) as window_days,
    any_value(case
        when rules.is_strict then floor(rules.threshold) + 1 else ceil(rules.threshold)
    end)::integer as months_needed
from work_told as told
inner join work_rules as rules on told.rule = rules.rule
where told.metric = 'consecutive_periods'
group by told.en, told.rule, told.day, month, told.repaired_at;

insert into work_values
with days as (
    select en, rule, window_days, months_needed, day from work_month_days
    union
    select en, rule, window_days, months_needed, day + window_days from work_month_days
),
buckets as (
    select *, floor(day / window_days) as bucket from days
    union all
    select *, floor(day / window_days) - 1 as bucket from days
),
months as (
    select
        days.en,
        days.rule,
        days.day,
        any_value(days.months_needed) as months_needed,
        inside.month,
        max(inside.repaired_at) as repaired_at,
        max(inside.day) as last_day
    from buckets as days
    inner join work_month_days as inside
        on
            days.en = inside.en
            and days.rule = inside.rule
            and days.bucket = floor(inside.day / inside.window_days)
    where inside.day > days.day - days.window_days and inside.day <= days.day
    group by days.en, days.rule, days.day, inside.month
),
numbered as (
    select
        *,
        month - row_number() over (partition by en, rule, day order by month) as run
    from months
),
runs as (
    select
        en,
        rule,
        day,
        run,
        count(*) as length,
        max(repaired_at) as repaired_at,
        max(last_day) as last_day,
        any_value(months_needed) as months_needed
    from numbered
    group by en, rule, day, run
)
select
    days.en,
    days.rule,
    days.day,
    coalesce(max(runs.length), 0)::double as value,
    max(runs.repaired_at) filter (where runs.length >= runs.months_needed) as repaired_at,
    max(runs.last_day) filter (where runs.length >= runs.months_needed) as last_day
from days
left join runs
    on days.en = runs.en and days.rule = runs.rule and days.day = runs.day
group by days.en, days.rule, days.day;

create or replace temp table work_signal_periods as
with segments as (
    select
        sliding.*,
        lead(day) over (partition by en, sliding.rule order by day) as next_day,
        rules.is_strict,
        rules.threshold,
        rules.active_days
    from work_values as sliding
    inner join work_rules as rules on sliding.rule = rules.rule
),
fired as (
    select
        *,
        (date '1970-01-01' + day)::timestamp as begins_at,
        (date '1970-01-01' + (next_day + active_days))::timestamp as ends_at,
        repaired_at < ends_at as is_repaired,
        least(repaired_at, ends_at) as expires_at
    from segments
    where
        case when is_strict then value > threshold else value >= threshold end
        -- Suppress days whose evidence was all repaired before.
        and repaired_at > (date '1970-01-01' + day)::timestamp
),
begun as (
    select
        *,
        case
            when begins_at < max(expires_at) over before then 0
            when begins_at <= max(case when not is_repaired then expires_at end) over before then 0
            else 1
        end as is_begin
    from fired
    window before as (
        partition by en, rule order by day rows between unbounded preceding and 1 preceding
    )
),
numbered as (
    select
        *,
        sum(is_begin) over (
            partition by en, rule order by day rows unbounded preceding
        )::integer as signal_number
    from begun
)
select
    en,
    rule,
    signal_number,
    min(begins_at) as begins_at,
    max(expires_at) as expires_at,
    max(value) as largest_value,
    max(last_day) as last_occurred_day
from numbered
group by en, rule, signal_number;

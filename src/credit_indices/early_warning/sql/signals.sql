-- Signals of the pairs of enterprise and rule in work_pairs, from work_events. A signal is a period
-- of days on which a rule's metric meets its threshold, plus active_days days. It is triggered at
-- the moment at which the records that reach the threshold were available. It expires with its
-- period, or when a repair passes that covers its whole evidence.

-- Days on which the sum of the amounts of the day, over the capital, meets the threshold.
create or replace temp table work_flow_days as
select
    events.en,
    rules.rule,
    date_diff('day', date '1970-01-01', events.occurred::date)::integer as day,
    sum(events.amount)::double / any_value(enterprises.capital) as share
from work_events as events
inner join work_rules as rules
    on
        rules.metric = 'max_share_of_capital'
        and events.type_code = rules.type_code
        and (rules.role_code is null or events.role_code = rules.role_code)
inner join work_pairs as pairs on events.en = pairs.en and rules.rule = pairs.rule
inner join work_enterprises as enterprises on events.en = enterprises.en
group by events.en, rules.rule, day
having case
    when any_value(rules.is_strict) then share > any_value(rules.threshold)
    else share >= any_value(rules.threshold)
end;

-- The events behind the metrics. `repaired_at` is the moment from which the event counts as
-- repaired: infinity if never, or if the rule is not repairable.
create or replace temp table work_told as
with told as (
    select
        events.en,
        rules.rule,
        date_diff('day', date '1970-01-01', events.occurred::date)::integer as day,
        events.occurred,
        events.recorded,
        events.event_hash,
        rules.metric,
        rules.is_repairable,
        case rules.metric
            when 'count' then events.times
            when 'sum' then events.amount
            when 'max_share_of_capital' then events.amount
        end::decimal(18, 2) as amount,
        events.ratio
    from work_events as events
    inner join work_rules as rules
        on
            events.type_code = rules.type_code
            and (rules.role_code is null or events.role_code = rules.role_code)
    inner join work_pairs as pairs
        on events.en = pairs.en and rules.rule = pairs.rule
    where
        -- An amount of 0 and a ratio below the threshold are no evidence.
        case rules.metric
            when 'count' then true
            when 'sum' then events.amount > 0
            when 'max_ratio'
                then case
                    when rules.is_strict then events.ratio > rules.threshold
                    else events.ratio >= rules.threshold
                end
            when 'max_share_of_capital'
                then events.amount > 0
                and (
                    events.en,
                    rules.rule,
                    date_diff('day', date '1970-01-01', events.occurred::date)::integer
                ) in (select (en, rule, day) from work_flow_days)
            when 'consecutive_periods' then true
        end
)
select
    told.* exclude (is_repairable),
    coalesce(
        case when told.is_repairable then cover.repaired_at end, timestamp 'infinity'
    ) as repaired_at
from told
asof left join work_cover as cover
    on told.en = cover.en and told.occurred <= cover.rectified_at;

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

create or replace temp table work_triggered as
select
    periods.*,
    known.first_known.known_at as triggered_at,
    known.first_known.day as fired_day
from work_signal_periods as periods
inner join (
    select
        known.en,
        known.rule,
        periods.signal_number,
        min({'known_at': known.known_at, 'day': known.day}) as first_known
    from work_known as known
    inner join work_signal_periods as periods
        on
            known.en = periods.en
            and known.rule = periods.rule
            and (date '1970-01-01' + known.day)::timestamp >= periods.begins_at
            and (date '1970-01-01' + known.day)::timestamp < periods.expires_at
    group by known.en, known.rule, periods.signal_number
) as known using (en, rule, signal_number);

-- The value and the events behind it when the signal was triggered.
create or replace temp table work_evidence as
with inside as (
    select
        triggered.en,
        triggered.rule,
        triggered.signal_number,
        told.metric,
        told.day,
        told.recorded,
        told.event_hash,
        told.amount,
        told.ratio,
        (year(told.occurred) * 12 + month(told.occurred))::integer as month,
        triggered.is_strict,
        triggered.threshold
    from (
        select
            signals.*,
            rules.window_days,
            rules.is_strict,
            rules.threshold,
            unnest([
                floor(signals.fired_day / rules.window_days),
                floor(signals.fired_day / rules.window_days) - 1
            ]) as bucket
        from work_triggered as signals
        inner join work_rules as rules on signals.rule = rules.rule
    ) as triggered
    inner join work_told as told
        on
            triggered.en = told.en
            and triggered.rule = told.rule
            and triggered.bucket = floor(told.day / triggered.window_days)
            and told.day > triggered.fired_day - triggered.window_days
            and told.day <= triggered.fired_day
            and told.recorded <= triggered.triggered_at
),
months as (
    select
        en,
        rule,
        signal_number,
        month,
        count(*) over (partition by en, rule, signal_number, run) as length
    from (
        select
            *,
            month - row_number() over (
                partition by en, rule, signal_number order by month
            ) as run
        from (
            select distinct en, rule, signal_number, month from inside
            where metric = 'consecutive_periods'
        )
    )
),
valued as (
    select
        inside.*,
        case inside.metric
            when 'count' then sum(inside.amount) over of_signal::double
            when 'sum' then sum(inside.amount) over of_signal::double
            when 'max_ratio' then inside.ratio
            when 'max_share_of_capital'
                then sum(inside.amount) over of_day::double / enterprises.capital
            when 'consecutive_periods' then months.length::double
        end as value
    from inside
    inner join work_enterprises as enterprises on inside.en = enterprises.en
    left join months
        on
            inside.en = months.en
            and inside.rule = months.rule
            and inside.signal_number = months.signal_number
            and inside.month = months.month
    window
        of_signal as (partition by inside.en, inside.rule, inside.signal_number),
        of_day as (partition by inside.en, inside.rule, inside.signal_number, inside.day)
)
select
    en,
    rule,
    signal_number,
    max(value) as value,
    count(*)::integer as n_evidence,
    list(event_hash order by recorded, event_hash)[:100] as evidence
from valued
where case when is_strict then value > threshold else value >= threshold end
group by en, rule, signal_number;

create or replace temp table work_signals as
select
    triggered.en,
    triggered.rule,
    triggered.signal_number,
    triggered.fired_day,
    triggered.triggered_at,
    triggered.expires_at,
    evidence.value as value_when_triggered,
    triggered.largest_value,
    triggered.last_occurred_day,
    evidence.n_evidence,
    evidence.evidence
from work_triggered as triggered
inner join work_evidence as evidence using (en, rule, signal_number);

-- Signals of the pairs of enterprise and rule in work_pairs, from work_events. A signal is a period
-- of days on which a rule's metric meets its threshold, plus active_days days. It is triggered at
-- the moment at which the records that reach the threshold were available. It expires with its
-- period, or when a repair passes that covers its whole evidence.

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

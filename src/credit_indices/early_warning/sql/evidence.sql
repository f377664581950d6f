-- The events of work_events behind the metrics of the pairs of enterprise and rule in work_pairs.

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

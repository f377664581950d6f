-- Alerts of a level if one of its rules had another threshold (a row of work_rules each), from
-- work_signals of these variants and the live signals of the state. Alerts are periods of the level; two are the
-- same if they overlap in one enterprise.

create or replace temp table work_scenarios as
select 0 as variant, null::double as threshold
union all
select rule, threshold from work_rules;

create or replace temp table work_alerts as
with signals as (
    select
        0 as variant, signals.en, signals.triggered_at, signals.expires_at, signals.rule,
        signals.signal_number
    from early_warning.signals as signals
    inner join early_warning.rules as rules using (rule)
    where rules.level_rank = (select level_rank from work_rule) and not rules.is_trial
    union all
    select
        scenarios.variant, signals.en, signals.triggered_at, signals.expires_at, signals.rule,
        signals.signal_number
    from early_warning.signals as signals
    inner join early_warning.rules as rules using (rule)
    cross join work_scenarios as scenarios
    where
        scenarios.variant > 0
        and rules.level_rank = (select level_rank from work_rule)
        and not rules.is_trial
        and signals.rule <> (select rule from work_rule)
    union all
    select rule as variant, en, triggered_at, expires_at, rule, signal_number from work_signals
),
begun as (
    select
        *,
        coalesce(triggered_at > max(expires_at) over before, true) as is_begin
    from signals
    where triggered_at < expires_at
    window before as (
        partition by variant, en
        order by triggered_at, expires_at, rule, signal_number
        rows between unbounded preceding and 1 preceding
    )
),
numbered as (
    select
        *,
        sum(is_begin::integer) over (
            partition by variant, en
            order by triggered_at, expires_at, rule, signal_number
            rows unbounded preceding
        ) as number
    from begun
)
select variant, en, number, min(triggered_at) as opened_at, max(expires_at) as expires_at
from numbered
group by variant, en, number;

-- The first later opening of the worst level, for alerts with a full horizon before the last day.
create or replace temp table work_outcomes as
select
    alerts.variant,
    alerts.en,
    alerts.number,
    alerts.opened_at,
    first_value(live.opened_at) over (
        partition by alerts.variant, alerts.en, alerts.number order by live.opened_at nulls last
    ) as live_opened_at,
    exists (
        select 1 from early_warning.periods as worst
        where
            worst.en = alerts.en
            and worst.level_rank = (select max(level_rank) from early_warning.levels)
            and worst.opened_at > alerts.opened_at
            and worst.opened_at <= alerts.opened_at + to_days((select horizon_days from work_rule))
    ) as is_followed,
    alerts.opened_at + to_days((select horizon_days from work_rule))
    <= (select max(as_of) + 1 from early_warning.loads)::timestamp as is_evaluated
from work_alerts as alerts
left join work_alerts as live
    on
        alerts.variant > 0
        and live.variant = 0
        and alerts.en = live.en
        and alerts.opened_at <= live.expires_at
        and live.opened_at <= alerts.expires_at
qualify row_number() over (
    partition by alerts.variant, alerts.en, alerts.number order by live.opened_at nulls last
) = 1;

create or replace temp table work_lost as
select variants.variant, count(*) as lost
from work_alerts as live
cross join (select variant from work_scenarios where variant > 0) as variants
where
    live.variant = 0
    and not exists (
        select 1 from work_alerts as alerts
        where
            alerts.variant = variants.variant
            and alerts.en = live.en
            and alerts.opened_at <= live.expires_at
            and live.opened_at <= alerts.expires_at
    )
group by variants.variant;

create or replace temp table work_what_if as
select
    scenarios.variant,
    scenarios.threshold,
    count(outcomes.en) as alerts,
    count(distinct outcomes.en) as enterprises,
    count(*) filter (scenarios.variant > 0 and outcomes.en is not null and live_opened_at is null)
        as gained,
    coalesce(any_value(lost.lost), 0) as lost,
    count(*) filter (outcomes.opened_at < live_opened_at) as earlier,
    count(*) filter (outcomes.opened_at > live_opened_at) as later,
    count(*) filter (outcomes.is_evaluated) as evaluated,
    avg(outcomes.is_followed::integer) filter (outcomes.is_evaluated) as share_followed
from work_scenarios as scenarios
left join work_outcomes as outcomes using (variant)
left join work_lost as lost using (variant)
group by scenarios.variant, scenarios.threshold
order by scenarios.variant > 0, scenarios.threshold;

{#-
    Alerts (periods of a level) under the live rules and under the live rules with a trial, for each trial and
    level that it can change. Overlapping alerts of an enterprise and level are the same alert.
-#}
{{ config(schema='restricted') }}

with

rules as (

    select * from {{ ref('int_warnings__rules') }}

),

trials as (

    select * from {{ ref('int_laboratory__trials') }}

),

signals as (

    select
        enterprise_key,
        rule_code,
        level,
        triggered_at,
        expires_at
    from {{ ref('int_warnings__signals') }}
    where was_active

),

-- Signals of each set of rules.
of_rules as (

    select
        trials.rule_code as trial_code,
        trials.level,
        'live' as rule_set,
        signals.enterprise_key,
        signals.triggered_at,
        signals.expires_at
    from trials
    inner join signals
        on trials.level = signals.level
    inner join rules
        on signals.rule_code = rules.rule_code
    where not rules.is_trial
    union all
    select
        trials.rule_code as trial_code,
        trials.level,
        'trial' as rule_set,
        signals.enterprise_key,
        signals.triggered_at,
        signals.expires_at
    from trials
    inner join signals
        on trials.level = signals.level
    inner join rules
        on signals.rule_code = rules.rule_code
    where
        signals.rule_code = trials.rule_code
        or (
            not rules.is_trial
            and (trials.replaces is null or signals.rule_code <> trials.replaces)
        )

),

begun as (

    select
        *,
        case
            when triggered_at <= max(expires_at) over (
                partition by trial_code, level, rule_set, enterprise_key
                order by triggered_at, expires_at
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as is_begin
    from of_rules

),

numbered as (

    select
        *,
        sum(is_begin) over (
            partition by trial_code, level, rule_set, enterprise_key
            order by triggered_at, expires_at
            rows between unbounded preceding and current row
        ) as alert_number
    from begun

),

alerts as (

    select
        trial_code,
        level,
        rule_set,
        enterprise_key,
        min(triggered_at) as opened_at,
        max(expires_at) as expires_at
    from numbered
    group by trial_code, level, rule_set, enterprise_key, alert_number

),

joined as (

    select
        *,
        case
            when opened_at < max(expires_at) over (
                partition by trial_code, level, enterprise_key
                order by opened_at, expires_at, rule_set
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as is_begin
    from alerts

),

matched as (

    select
        *,
        sum(is_begin) over (
            partition by trial_code, level, enterprise_key
            order by opened_at, expires_at, rule_set
            rows between unbounded preceding and current row
        ) as match_number
    from joined

)

select
    trial_code,
    level,
    enterprise_key,
    match_number,
    sum(case when rule_set = 'live' then 1 else 0 end) as alerts_live,
    sum(case when rule_set = 'trial' then 1 else 0 end) as alerts_trial,
    min(case when rule_set = 'live' then opened_at end) as live_opened_at,
    min(case when rule_set = 'trial' then opened_at end) as trial_opened_at

from matched
group by trial_code, level, enterprise_key, match_number

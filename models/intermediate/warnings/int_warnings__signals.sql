{#-
    A signal is a period of days over which a rule's metric meets its threshold, plus active_days days. It is
    triggered when the records that reach the threshold are available, which may be later than the events. It
    expires with its period, or when a repair passes after whose rectification there was no event. An event
    after the repair triggers a new signal.
-#}
{%- set preceding = "(partition by enterprise_key, rule_code order by day"
    ~ " rows between unbounded preceding and 1 preceding)" %}
{%- set values = {} %}
{%- for metric, definition in warning_metrics().items() %}
    {%- set divisor = ' / enterprises.' ~ definition['divisor'] if definition['divisor'] else '' %}
    {%- do values.update({metric: 'dated.metric_value' ~ divisor}) %}
{%- endfor %}

with

as_of as (

    select * from {{ ref('int_warnings__as_of') }}

),

rules as (

    select * from {{ ref('int_warnings__rules') }}

),

levels as (

    select * from {{ ref('int_warnings__levels') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

),

repairs as (

    select * from {{ ref('int_warnings__repairs') }}
    where has_repaired

),

metrics as (

    select metrics.*
    from {{ ref('int_warnings__metrics') }} as metrics
    cross join as_of
    where metrics.known_at < {{ dbt.dateadd('day', 1, 'as_of.as_of') }}

),

-- The value of each day as known now, and as known at earlier times.
dated as (

    select
        *,
        row_number() over (
            partition by enterprise_key, metric_code, day
            order by known_at desc
        ) = 1 as is_latest
    from metrics

),

compared as (

    select
        dated.enterprise_key,
        rules.rule_code,
        rules.active_days,
        rules.is_repairable,
        rules.is_trial,
        levels.level,
        levels.level_rank,
        rules.metric_code,
        dated.day,
        dated.known_at,
        dated.is_latest,
        dated.last_occurred_day,
        dated.evidence,
        {{ case_by_value('warning_rules.measure', 'rules.metric', values) }} as metric_value,
        rules.comparison,
        rules.threshold
    from dated
    inner join rules
        on dated.metric_code = rules.metric_code
    inner join levels
        on rules.level = levels.level
    inner join enterprises
        on dated.enterprise_key = enterprises.enterprise_key

),

fired as (

    select *
    from compared
    where
        {{ case_by_value('warning_rules.operator', 'comparison', {
            '>=': 'metric_value >= threshold',
            '>': 'metric_value > threshold',
        }) }}

),

repaired as (

    select
        fired.enterprise_key,
        fired.rule_code,
        fired.last_occurred_day,
        min(repairs.decision_recorded_at) as repaired_at
    from fired
    inner join repairs
        on
            fired.enterprise_key = repairs.enterprise_key
            and fired.last_occurred_day <= repairs.rectified_day
    where fired.is_repairable
    group by fired.enterprise_key, fired.rule_code, fired.last_occurred_day

),

-- Suppress days whose evidence was all repaired before.
unrepaired as (

    select
        fired.*,
        cast({{ date_of_day('fired.day') }} as timestamp) as begins_at,
        repaired.repaired_at
    from fired
    left join repaired
        on
            fired.enterprise_key = repaired.enterprise_key
            and fired.rule_code = repaired.rule_code
            and fired.last_occurred_day = repaired.last_occurred_day
    where
        repaired.repaired_at is null
        or repaired.repaired_at > cast({{ date_of_day('fired.day') }} as timestamp)

),

-- A value applies until the next listed day.
next_days as (

    select
        enterprise_key,
        metric_code,
        day,
        lead(day) over (
            partition by enterprise_key, metric_code
            order by day
        ) as next_day
    from dated
    where is_latest

),

segments as (

    select
        unrepaired.*,
        cast(
            {{ date_of_day('next_days.next_day + unrepaired.active_days') }} as timestamp
        ) as ends_at
    from unrepaired
    inner join next_days
        on
            unrepaired.enterprise_key = next_days.enterprise_key
            and unrepaired.metric_code = next_days.metric_code
            and unrepaired.day = next_days.day
    where unrepaired.is_latest

),

ended as (

    select
        *,
        coalesce(repaired_at < ends_at, false) as is_repaired,
        case when repaired_at < ends_at then repaired_at else ends_at end as expires_at
    from segments

),

begun as (

    select
        *,
        case
            when begins_at < max(expires_at) over {{ preceding }} then 0
            when
                begins_at
                <= max(case when not is_repaired then expires_at end) over {{ preceding }}
                then 0
            else 1
        end as is_begin
    from ended

),

numbered as (

    select
        *,
        sum(is_begin) over (
            partition by enterprise_key, rule_code
            order by day
            rows between unbounded preceding and current row
        ) as signal_number
    from begun

),

signals as (

    select
        enterprise_key,
        rule_code,
        is_trial,
        level,
        level_rank,
        signal_number,
        min(begins_at) as begins_at,
        max(expires_at) as expires_at,
        max(metric_value) as largest_value,
        max(last_occurred_day) as last_occurred_day
    from numbered
    group by enterprise_key, rule_code, is_trial, level, level_rank, signal_number

),

triggers as (

    select
        signals.*,
        unrepaired.day as fired_day,
        unrepaired.known_at as triggered_at,
        unrepaired.metric_value as value_when_triggered,
        unrepaired.evidence,
        row_number() over (
            partition by signals.enterprise_key, signals.rule_code, signals.signal_number
            order by unrepaired.known_at, unrepaired.day
        ) as trigger_number
    from signals
    inner join unrepaired
        on
            signals.enterprise_key = unrepaired.enterprise_key
            and signals.rule_code = unrepaired.rule_code
            and signals.begins_at <= unrepaired.begins_at
            and signals.expires_at > unrepaired.begins_at

)

select
    enterprise_key,
    rule_code,
    is_trial,
    level,
    level_rank,
    signal_number,
    {{ date_of_day('fired_day') }} as fired_on,
    triggered_at,
    expires_at,
    -- Ignore signals recorded after they expired.
    triggered_at < expires_at as was_active,
    value_when_triggered,
    largest_value,
    last_occurred_day,
    evidence

from triggers
where trigger_number = 1

{#-
    A window of w days that ends on day d contains the events of days d - w + 1 to d. Its metric changes only on
    days with events and w days after them, so only these days are computed. The value of a day is written once
    for every record that changes it, with the time of the record, so that the history of knowledge is kept.
    Buckets of w days keep the join of days and events close to the number of events.

    New events of day d change the windows that end on days d to d + w, which contain events from day d - w + 1
    on. Only these events are read and only these windows are written again, also for late events. A new metric
    is computed from all events.
-#}
{{ config(
    schema='state',
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['enterprise_key', 'measure_code', 'day'],
    on_schema_change='fail',
    pre_hook='{{ forget_events_of_other_data() }}',
    post_hook="delete from {{ this }} where measure_code not in (select measure_code from {{ ref('int_warnings__measure_definitions') }})"
) }}

{%- set arrivals = "(partition by enterprise_key, measure_code, day order by recorded_at, event_id"
    ~ " rows between unbounded preceding and current row)" %}

with

events as (

    select * from {{ ref('int_warnings__events') }}

),

definitions as (

    select * from {{ ref('int_warnings__measure_definitions') }}

),

origins as (

    select
        coalesce(
            min(case when data_origin = 'synthetic' then 'seed' else 'file' end), 'file'
        ) as origin
    from {{ ref('int_warnings__enterprises') }}

),

-- Contribution of each event to each metric; excluded events contribute 0.
event_metrics as (

    select
        events.enterprise_key,
        definitions.measure_code,
        definitions.measure,
        definitions.window_days,
        events.event_id,
        events.occurred_day,
        {{ month_number('events.occurred_at') }} as occurred_month,
        events.recorded_at,
        events.is_counted,
        events.load_number,
        case when events.is_counted then events.times else 0 end as times,
        case when events.is_counted then events.amount else 0 end as amount,
        case when events.is_counted then events.ratio end as ratio
    from events
    inner join definitions
        on
            events.event_type = definitions.event_type
            and (definitions.role is null or events.role = definitions.role)

),

{%- if is_incremental() %}

processed as (

    select coalesce(max(load_number), 0) as load_number from {{ this }}

),

affected_windows as (

    select distinct
        event_metrics.enterprise_key,
        event_metrics.measure_code,
        event_metrics.window_days,
        event_metrics.occurred_day
    from event_metrics
    cross join processed
    where
        event_metrics.load_number > processed.load_number
        or event_metrics.measure_code not in (select known.measure_code from {{ this }} as known)

),

selected_events as (

    select event_metrics.*
    from event_metrics
    where exists (
        select 1 from affected_windows
        where
            affected_windows.enterprise_key = event_metrics.enterprise_key
            and affected_windows.measure_code = event_metrics.measure_code
            and event_metrics.occurred_day
            between affected_windows.occurred_day - affected_windows.window_days
            and affected_windows.occurred_day + affected_windows.window_days
    )

),
{%- else %}

selected_events as (

    select * from event_metrics

),
{%- endif %}

keyed as (

    select
        selected_events.*,
        {{ event_pseudonym('selected_events.event_id', 'origins.origin') }} as event_key
    from selected_events
    cross join origins

),

contributions as (

    select
        *,
        floor(occurred_day / window_days) as bucket,
        sum(amount) over (
            partition by enterprise_key, measure_code, occurred_day
            order by recorded_at, event_id
            rows between unbounded preceding and current row
        ) as amount_of_day
    from keyed

),

days_of_change as (

    select
        enterprise_key,
        measure_code,
        window_days,
        occurred_day as day
    from contributions
    union
    select
        enterprise_key,
        measure_code,
        window_days,
        occurred_day + window_days as day
    from contributions

),

days as (

    select days_of_change.*
    from days_of_change
    {%- if is_incremental() %}
    where exists (
        select 1 from affected_windows
        where
            affected_windows.enterprise_key = days_of_change.enterprise_key
            and affected_windows.measure_code = days_of_change.measure_code
            and days_of_change.day between affected_windows.occurred_day
            and affected_windows.occurred_day + affected_windows.window_days
    )
    {%- endif %}

),

last_load as (

    select max(load_number) as load_number from event_metrics

),

days_in_buckets as (

    select
        *,
        floor(day / window_days) as bucket
    from days
    union all
    select
        *,
        floor(day / window_days) - 1 as bucket
    from days

),

-- The events of each window, and the event that has just left it, which contributes 0.
pairs as (

    select
        days.enterprise_key,
        days.measure_code,
        days.day,
        contributions.measure,
        contributions.event_id,
        contributions.event_key,
        contributions.recorded_at,
        contributions.occurred_day,
        (
            contributions.is_counted
            and contributions.occurred_day > days.day - days.window_days
        ) as is_inside,
        {{ month_number(date_of_day('days.day')) }} - contributions.occurred_month as months_ago,
        contributions.times,
        contributions.amount,
        contributions.amount_of_day,
        contributions.ratio
    from days_in_buckets as days
    inner join contributions
        on
            days.enterprise_key = contributions.enterprise_key
            and days.measure_code = contributions.measure_code
            and days.bucket = contributions.bucket
    where contributions.occurred_day between days.day - days.window_days and days.day

),

running as (

    select
        enterprise_key,
        measure_code,
        measure,
        day,
        recorded_at,
        sum(case when is_inside then times else 0 end) over {{ arrivals }} as times,
        sum(case when is_inside then amount else 0 end) over {{ arrivals }} as amount,
        max(case when is_inside then amount_of_day end) over {{ arrivals }} as amount_of_day,
        max(case when is_inside then ratio end) over {{ arrivals }} as ratio,
        bit_or(
            case
                when is_inside and measure = 'consecutive_periods'
                    then {{ power_of_two('months_ago') }}
                else 0
            end
        ) over {{ arrivals }} as months,
        max(case when is_inside then occurred_day end) over {{ arrivals }} as last_occurred_day,
        {{ running_listing('case when is_inside then event_key end', arrivals) }} as evidence,
        row_number() over (
            partition by enterprise_key, measure_code, day, recorded_at
            order by event_id desc
        ) as from_last_of_moment
    from pairs

)

select
    running.enterprise_key,
    running.measure_code,
    running.day,
    running.recorded_at as known_at,
    {{ case_by_value('warning_rules.measure', 'running.measure', {
        'count': 'cast(running.times as double)',
        'sum': 'coalesce(cast(running.amount as double), 0)',
        'max_ratio': 'coalesce(running.ratio, 0)',
        'max_share_of_capital': 'coalesce(cast(running.amount_of_day as double), 0)',
        'consecutive_periods': 'cast(' ~ run_of_months('running.months') ~ ' as double)',
    }) }} as measured_value,
    running.last_occurred_day,
    running.evidence,
    last_load.load_number

from running
cross join last_load
where running.from_last_of_moment = 1

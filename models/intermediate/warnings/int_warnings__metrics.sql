{#-
    A window of w days that ends on day d contains the events of days d - w + 1 to d. Its metric changes only on
    days with events and w days after them, so only these days are computed. The value of a day is written once
    for every record that changes it, with the time of the record, so that the history of knowledge is kept.
    Buckets of w days keep the join of days and events close to the number of events.

    New events of day d change the windows that end on days d to d + w, which contain events from day d - w + 1
    on. Only these events are read and only these windows are written again, also for late events. A new metric
    is computed from all events. In earlier versions the table was int_warnings__measures.
-#}
{{ config(
    schema='state',
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['enterprise_key', 'metric_code', 'day'],
    on_schema_change='fail',
    pre_hook=[
        '{{ forget_events_of_other_data() }}',
        'drop table if exists {{ this.schema }}.int_warnings__measures',
    ],
    post_hook="delete from {{ this }} where metric_code not in (select metric_code from {{ ref('int_warnings__metric_definitions') }})"
) }}

{%- set arrivals = "(partition by enterprise_key, metric_code, day order by recorded_at, event_id"
    ~ " rows between unbounded preceding and current row)" %}
{%- set values = {} %}
{%- for metric, definition in warning_metrics().items() %}
    {%- set aggregate = 'running.' ~ metric ~ '_so_far' %}
    {%- set value = (definition['value'] or '{}') | replace('{}', aggregate) %}
    {%- do values.update({metric: 'coalesce(cast(' ~ value ~ ' as double), 0)'}) %}
{%- endfor %}

with

events as (

    select * from {{ ref('int_warnings__events') }}

),

definitions as (

    select * from {{ ref('int_warnings__metric_definitions') }}

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
        definitions.metric_code,
        definitions.metric,
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
        event_metrics.metric_code,
        event_metrics.window_days,
        event_metrics.occurred_day
    from event_metrics
    cross join processed
    where
        event_metrics.load_number > processed.load_number
        or event_metrics.metric_code not in (select known.metric_code from {{ this }} as known)

),

selected_events as (

    select event_metrics.*
    from event_metrics
    where exists (
        select 1 from affected_windows
        where
            affected_windows.enterprise_key = event_metrics.enterprise_key
            and affected_windows.metric_code = event_metrics.metric_code
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
            partition by enterprise_key, metric_code, occurred_day
            order by recorded_at, event_id
            rows between unbounded preceding and current row
        ) as amount_of_day
    from keyed

),

days_of_change as (

    select
        enterprise_key,
        metric_code,
        window_days,
        occurred_day as day
    from contributions
    union
    select
        enterprise_key,
        metric_code,
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
            and affected_windows.metric_code = days_of_change.metric_code
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
        days.metric_code,
        days.day,
        contributions.metric,
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
            and days.metric_code = contributions.metric_code
            and days.bucket = contributions.bucket
    where contributions.occurred_day between days.day - days.window_days and days.day

),

running as (

    select
        enterprise_key,
        metric_code,
        metric,
        day,
        recorded_at,
        {%- for metric, definition in warning_metrics().items() %}
        {{ definition['aggregate'] }}(
            case when is_inside and metric = '{{ metric }}' then {{ definition['argument'] }} end
        ) over {{ arrivals }} as {{ metric }}_so_far,
        {%- endfor %}
        max(case when is_inside then occurred_day end) over {{ arrivals }} as last_occurred_day,
        {{ running_listing('case when is_inside then event_key end', arrivals) }} as evidence,
        row_number() over (
            partition by enterprise_key, metric_code, day, recorded_at
            order by event_id desc
        ) as from_last_of_moment
    from pairs

)

select
    running.enterprise_key,
    running.metric_code,
    running.day,
    running.recorded_at as known_at,
    {{ case_by_value('warning_rules.measure', 'running.metric', values) }} as metric_value,
    running.last_occurred_day,
    running.evidence,
    last_load.load_number

from running
cross join last_load
where running.from_last_of_moment = 1

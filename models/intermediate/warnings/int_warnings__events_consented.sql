{#- A view, so that the events are not stored twice. -#}
{{ config(schema='restricted', materialized='view') }}

with

gate as (

    select * from {{ ref('int_quality__gate') }}

),

events as (

    select * from {{ ref('int_warnings__events_validated') }}
    where fault is null

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

)

select
    enterprises.enterprise_key,
    events.event_id,
    events.event_type,
    events.role,
    events.result,
    events.occurred as occurred_at,
    events.recorded as recorded_at,
    cast(events.amount_in_yuan as decimal(18, 2)) as amount,
    events.ratio_as_number as ratio,
    cast(events.times as {{ dbt.type_bigint() }}) as times,
    events.warning,
    events.owner,
    events.snoozed_until,
    events.reason,
    events.data_class,
    events.content,
    events.source_file,
    events.source_row,
    events.is_consented

from events
inner join enterprises
    on events.enterprise_id = enterprises.enterprise_id
cross join gate

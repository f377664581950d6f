{#- An event may be used if consent for its class of data was in force when it was recorded. -#}
{{ config(schema='restricted') }}

with

gate as (

    select * from {{ ref('int_quality__gate') }}

),

events as (

    select * from {{ ref('int_warnings__events_accepted') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

),

consents as (

    select
        enterprise_id,
        data_class,
        granted_at,
        withdrawn_at
    from {{ ref('int_warnings__consents_validated') }}
    where coalesce(enterprise_fault, class_fault, granted_fault, withdrawn_fault) is null

)

select
    enterprises.enterprise_key,
    events.event_id,
    events.event_type,
    events.role,
    events.result,
    events.occurred_at,
    events.recorded_at,
    events.amount,
    events.ratio,
    events.times,
    events.warning,
    events.owner,
    events.snoozed_until,
    events.reason,
    events.data_class,
    events.content,
    events.source_file,
    events.source_row,
    (
        events.data_class is null
        or exists (
            select 1 from consents
            where
                consents.enterprise_id = events.enterprise_id
                and consents.data_class = events.data_class
                and consents.granted_at <= events.recorded_at
                and (consents.withdrawn_at is null or consents.withdrawn_at > events.recorded_at)
        )
    ) as is_consented

from events
inner join enterprises
    on events.enterprise_id = enterprises.enterprise_id
cross join gate

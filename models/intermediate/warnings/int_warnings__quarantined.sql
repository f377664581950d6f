{{ config(schema='restricted') }}

{%- set enterprise_cells = [
    ('capital_fault', 'registered_capital', 'registered_capital_as_read'),
    ('exposure_fault', 'exposure', 'exposure_as_read'),
    ('province_fault', 'province_code', 'province_code_as_read'),
    ('registered_fault', 'registered_on', 'registered_on_as_read'),
    ('closed_fault', 'closed_on', 'closed_on_as_read'),
] %}
{%- set consent_cells = [
    ('enterprise_fault', 'enterprise_id', 'enterprise_id'),
    ('class_fault', 'data_class', 'data_class'),
    ('granted_fault', 'granted_at', 'granted_at_as_read'),
    ('withdrawn_fault', 'withdrawn_at', 'withdrawn_at_as_read'),
] %}

with

enterprises as (

    select
        source_file,
        source_row,
        'enterprise_id' as column_name,
        enterprise_id as value,
        enterprise_fault as reason
    from {{ ref('int_warnings__enterprises_validated') }}
    where enterprise_fault is not null
    union all
    select * from (
        {{ faulty_records(ref('int_warnings__enterprises_validated'), enterprise_cells) }}
        and enterprise_fault is null
    ) as used_enterprises

),

consents as (

    {{ faulty_records(ref('int_warnings__consents_validated'), consent_cells) }}

),

events as (

    select
        source_file,
        source_row,
        faulty_column as column_name,
        faulty_value as value,
        fault as reason
    from {{ ref('int_warnings__events_validated') }}
    where fault is not null

),

-- Recorded by now, but with a content that does not count.
conflicts as (

    select
        records.source_file,
        records.source_row,
        'event_id' as column_name,
        records.event_id as value,
        'event_id has another record with different content, which was recorded first and counts'
            as reason
    from {{ ref('int_warnings__events_consented') }} as records
    inner join {{ warning_state('other_records') }} as others
        on
            records.event_id = others.event_id
            and records.content = others.content
    where records.is_consented

),

alerts as (

    select
        alert_log.alert,
        enterprises.enterprise_key
    from {{ warning_state('alert_log') }} as alert_log
    inner join {{ warning_state('enterprises') }} as enterprises
        on alert_log.en = enterprises.en
    where alert_log.entry = 'opened'

),

-- Responses, acknowledgements and snoozes of an alert that the enterprise does not have, if it was
-- not erased.
unknown_alerts as (

    select
        records.source_file,
        records.source_row,
        'warning' as column_name,
        records.warning as value,
        'warning is not the number of an alert of the enterprise (alert_log), so no '
        || 'alert is answered' as reason
    from {{ ref('int_warnings__events_consented') }} as records
    inner join {{ warning_state('enterprises') }} as enterprises
        on records.enterprise_key = enterprises.enterprise_key
    left join {{ ref('int_warnings__levels') }} as levels
        on records.warning = levels.level
    left join alerts
        on
            records.enterprise_key = alerts.enterprise_key
            and {{ to_integer('records.warning') }} = alerts.alert
    left join conflicts
        on
            records.source_file = conflicts.source_file
            and records.source_row = conflicts.source_row
    where
        records.is_consented
        and records.warning is not null
        and enterprises.erased_on is null
        and levels.level is null
        and alerts.alert is null
        and conflicts.source_row is null

),

unioned as (

    select * from enterprises
    union all
    select * from consents
    union all
    select * from events
    union all
    select * from conflicts
    union all
    select * from unknown_alerts

)

select * from unioned

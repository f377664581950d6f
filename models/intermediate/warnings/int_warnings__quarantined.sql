{{ config(schema='restricted') }}

{%- set cells = [
    ('id_fault', 'event_id', 'event_id'),
    ('enterprise_fault', 'enterprise_id', 'enterprise_id'),
    ('type_fault', 'event_type', 'event_type'),
    ('occurred_fault', 'occurred_at', 'occurred_at_as_read'),
    ('recorded_fault', 'recorded_at', 'recorded_at_as_read'),
    ('role_fault', 'role', 'role'),
    ('amount_fault', 'amount', 'amount_as_read'),
    ('ratio_fault', 'ratio', 'ratio_as_read'),
    ('count_fault', 'count', 'count_as_read'),
    ('result_fault', 'result', 'result'),
    ('warning_fault', 'warning', 'warning'),
    ('owner_fault', 'owner', 'owner'),
    ('snoozed_fault', 'snoozed_until', 'snoozed_until_as_read'),
    ('reason_fault', 'note', 'note_as_read'),
] %}
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

    {{ faulty_records(ref('int_warnings__events_validated'), cells) }}

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
            and {{ text_hash('records.content') }} = others.content
    where records.is_consented

),

unioned as (

    select * from enterprises
    union all
    select * from consents
    union all
    select * from events
    union all
    select * from conflicts

)

select * from unioned

{#- An event may be used if consent for its class of data was in force when it was recorded. -#}
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
{%- set as_of = as_of_date() %}

with

events as (

    select
        *,
        {{ adapter.quote('count') }} as count_as_read,
        {{ to_moment('occurred_at') }} as occurred,
        {{ to_moment('recorded_at') }} as recorded,
        {{ to_number('amount') }} as amount_in_yuan,
        {{ to_number('ratio') }} as ratio_as_number,
        {{ to_integer(adapter.quote('count')) }} as times,
        snoozed_until as snoozed_until_as_read,
        {{ to_moment('snoozed_until') }} as snoozed_to
    from {{ ref('stg_input__enterprise_events') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises_validated') }}
    where enterprise_fault is null

),

event_types as (

    select * from {{ ref('warning_event_types') }}

),

levels as (

    select distinct level from {{ ref('stg_input__warning_levels') }}

),

consents as (

    select * from {{ ref('int_warnings__consents') }}

),

checked as (

    select
        events.event_id,
        events.enterprise_id,
        events.event_type,
        events.role,
        events.result,
        events.occurred,
        events.recorded,
        events.amount_in_yuan,
        events.ratio_as_number,
        coalesce(events.times, 1) as times,
        events.warning,
        events.owner,
        events.snoozed_to as snoozed_until,
        case when events.event_type = 'alert_snoozed' then events.note end as reason,
        event_types.data_class,
        events.source_file,
        events.source_row,
        events.occurred_at as occurred_at_as_read,
        events.recorded_at as recorded_at_as_read,
        events.amount as amount_as_read,
        events.ratio as ratio_as_read,
        events.count_as_read,
        events.snoozed_until_as_read,
        events.note as note_as_read,
        {%- set content = dbt.hash(
            "concat_ws('|', enterprises.enterprise_id, events.event_type, coalesce(events.role, ''), "
            "coalesce(events.result, ''), events.occurred, events.recorded, "
            "coalesce(cast(events.amount_in_yuan as " ~ dbt.type_string() ~ "), ''), "
            "coalesce(cast(events.ratio_as_number as " ~ dbt.type_string() ~ "), ''), "
            "coalesce(events.times, 1), "
            "coalesce(events.note, ''), events.warning, events.owner, events.snoozed_to)"
        ) %}
        {{ text_hash(content) }} as content,
        case when events.event_id is null then 'event_id is empty' end as id_fault,
        case
            when events.enterprise_id is null then 'enterprise_id is empty'
            when enterprises.enterprise_id is not null then null
            when not {{ is_credit_code('events.enterprise_id') }}
                then
                    'enterprise_id is not a unified social credit code: 18 digits and capital '
                    || 'letters, without I, O, S, V and Z'
            when
                substring(events.enterprise_id, 18, 1)
                <> {{ credit_code_check_character('events.enterprise_id') }}
                then
                    'enterprise_id has a wrong check character (GB 32100-2015); is a character '
                    || 'mistyped?'
            else 'enterprise_id is unknown: enterprises are listed in enterprises'
        end as enterprise_fault,
        case
            when event_types.event_type is null
                then 'event_type is unknown: the types are listed in catalog.warning_event_types'
        end as type_fault,
        case
            when events.occurred is null
                then 'occurred_at is not a time such as 2020-02-29 18:30:00'
            when events.occurred < cast('1950-01-01' as date)
                then 'occurred_at is before 1950; is it a placeholder for an unknown time?'
        end as occurred_fault,
        case
            when events.recorded is null
                then 'recorded_at is not a time such as 2020-02-29 18:30:00'
            when events.recorded < events.occurred
                then
                    'recorded_at is before occurred_at: an event cannot be recorded before it '
                    || 'occurs'
            {%- if as_of %}
            when cast(events.recorded as date) > cast('{{ as_of }}' as date)
                then 'recorded_at is after as_of_date, {{ as_of }}: the event was not known then'
            {%- endif %}
            -- Allow one day for time zones ahead of UTC.
            when cast(events.recorded as date) > {{ dbt.dateadd('day', 1, 'current_date') }}
                then 'recorded_at is in the future'
        end as recorded_fault,
        case
            when not ({{ is_allowed_value('enterprise_events.role', 'events.role') }})
                then
                    'role is not one of '
                    || '{{ allowed_values('enterprise_events.role') | join(', ') }}'
            when events.role is null and event_types.needs = 'role'
                then concat_ws('', 'role is empty: a ', events.event_type, ' needs one')
        end as role_fault,
        case
            when events.amount is not null and events.amount_in_yuan is null
                then 'amount is not a number of yuan'
            when events.amount_in_yuan < 0 then 'amount is negative'
            when events.amount_in_yuan >= 1e15 then 'amount is not below 10^15 yuan'
            when events.amount is null and event_types.needs = 'amount'
                then concat_ws('', 'amount is empty: a ', events.event_type, ' needs one')
        end as amount_fault,
        case
            when events.ratio is not null and events.ratio_as_number is null
                then 'ratio is not a number; 0.1 is 10 %'
            when events.ratio_as_number < 0 then 'ratio is negative'
            when events.ratio_as_number > 1 then 'ratio is above 1; 0.1 is 10 %'
            when events.ratio is null and event_types.needs = 'ratio'
                then concat_ws('', 'ratio is empty: a ', events.event_type, ' needs one')
        end as ratio_fault,
        case
            when events.count_as_read is not null and coalesce(events.times, 0) < 1
                then 'count is not a whole number of 1 or more'
        end as count_fault,
        case
            when not ({{ is_allowed_value('enterprise_events.result', 'events.result') }})
                then
                    'result is not one of '
                    || '{{ allowed_values('enterprise_events.result') | join(', ') }}'
            when events.result is null and event_types.needs = 'result'
                then concat_ws('', 'result is empty: a ', events.event_type, ' needs one')
        end as result_fault,
        case
            when events.warning is null then null
            when
                coalesce(event_types.needs, '') not in ('response', 'owner', 'snooze')
                then 'warning is for responses, acknowledgements and snoozes; leave it empty'
            when
                levels.level is null and not {{ matches_integer('events.warning') }}
                then
                    'warning is neither a level of warning_levels nor the number of an alert '
                    || '(restricted.alert_log)'
        end as warning_fault,
        case
            when events.owner is null and event_types.needs = 'owner'
                then concat_ws('', 'owner is empty: ', events.event_type, ' needs one')
            when events.owner is not null and coalesce(event_types.needs, '') <> 'owner'
                then 'owner is for alert_acknowledged; leave it empty'
        end as owner_fault,
        case
            when events.snoozed_until_as_read is not null and events.snoozed_to is null
                then 'snoozed_until is not a time such as 2020-02-29 18:30:00'
            when events.snoozed_to is null and event_types.needs = 'snooze'
                then concat_ws('', 'snoozed_until is empty: ', events.event_type, ' needs one')
            when events.snoozed_to <= events.occurred then 'snoozed_until is not after occurred_at'
            when events.snoozed_to is not null and coalesce(event_types.needs, '') <> 'snooze'
                then 'snoozed_until is for alert_snoozed; leave it empty'
        end as snoozed_fault,
        case
            when events.note is null and event_types.needs = 'snooze'
                then concat_ws('', 'note is empty: ', events.event_type, ' needs a reason')
        end as reason_fault

    from events
    left join enterprises
        on events.enterprise_id = enterprises.enterprise_id
    left join event_types
        on events.event_type = event_types.event_type
    left join levels
        on events.warning = levels.level
    where
        -- Ignore shipped events when users supply enterprises.
        events.origin = 'file'
        or enterprises.enterprise_id is not null

),

consented as (

    select
        checked.*,
        checked.data_class is null or consents.enterprise_id is not null as is_consented
    from checked
    left join consents
        on
            checked.enterprise_id = consents.enterprise_id
            and checked.data_class = consents.data_class
            and checked.recorded >= consents.granted_at
            and checked.recorded < coalesce(consents.withdrawn_at, cast('infinity' as timestamp))

)

select
    event_id,
    enterprise_id,
    event_type,
    role,
    result,
    occurred,
    recorded,
    amount_in_yuan,
    ratio_as_number,
    times,
    warning,
    owner,
    snoozed_until,
    reason,
    data_class,
    source_file,
    source_row,
    content,
    is_consented,
    {{ fault_columns(cells, ['faulty_column', 'faulty_value', 'fault']) }}

from consented

{{ config(schema='restricted') }}

with

validated as (

    select * from {{ ref('int_warnings__events_validated') }}

)

select
    event_id,
    enterprise_id,
    event_type,
    role,
    result,
    occurred as occurred_at,
    recorded as recorded_at,
    cast(amount_in_yuan as decimal(18, 2)) as amount,
    ratio_as_number as ratio,
    cast(times as {{ dbt.type_bigint() }}) as times,
    warning,
    owner,
    snoozed_until,
    reason,
    data_class,
    content,
    source_file,
    source_row

from validated
where
    coalesce(
        id_fault, enterprise_fault, type_fault, occurred_fault, recorded_fault, role_fault,
        amount_fault, ratio_fault, count_fault, result_fault, warning_fault, owner_fault,
        snoozed_fault, reason_fault
    ) is null

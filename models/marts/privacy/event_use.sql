{#-
    Number of records read that could be used, and of stored events whose consent no longer exists.
-#}
with

gate as (

    select * from {{ ref('int_quality__gate') }}

),

records as (

    select
        data_class,
        count(*) as records,
        sum(case when fault is null then 1 else 0 end) as valid,
        sum(case when fault is null and is_consented then 1 else 0 end) as consented
    from {{ ref('int_warnings__events_validated') }}
    group by data_class

),

-- From earlier loads: consents may have been corrected since.
kept as (

    select
        event_types.data_class,
        count(*) as kept
    from {{ warning_state('events') }} as events
    inner join {{ warning_state('enterprises') }} as enterprises
        on events.en = enterprises.en
    inner join {{ warning_state('codes') }} as types
        on
            types.kind = 'event_type'
            and events.type_code = types.code
    inner join {{ ref('warning_event_types') }} as event_types
        on types.text = event_types.event_type
    where
        event_types.data_class is not null
        and enterprises.is_listed
        and not exists (
            select 1 from {{ warning_state('consents') }} as consents
            where
                consents.en = events.en
                and consents.data_class = event_types.data_class
                and consents.granted_at <= events.recorded
                and (consents.withdrawn_at is null or consents.withdrawn_at > events.recorded)
        )
    group by event_types.data_class

)

select
    coalesce(records.data_class, kept.data_class, 'none') as data_class,
    coalesce(records.records, 0) as records,
    cast(coalesce(records.records - records.valid, 0) as {{ dbt.type_bigint() }}) as quarantined,
    cast(
        coalesce(records.valid - records.consented, 0) as {{ dbt.type_bigint() }}
    ) as without_consent,
    cast(coalesce(records.consented, 0) as {{ dbt.type_bigint() }}) as used,
    coalesce(kept.kept, 0) as kept_without_consent

from records
cross join gate
full outer join kept
    on records.data_class = kept.data_class

{#- How many of the records read could be used, and why the others were not. -#}
with

gate as (

    select * from {{ ref('int_quality__gate') }}

),

judged as (

    select * from {{ ref('int_warnings__events_judged') }}

),

consented as (

    select * from {{ ref('int_warnings__events_consented') }}

),

records as (

    select
        judged.data_class,
        count(*) as records,
        count(consented.event_id) as sound,
        sum(case when consented.is_consented then 1 else 0 end) as consented
    from judged
    left join consented
        on
            judged.source_file = consented.source_file
            and judged.source_row = consented.source_row
    group by judged.data_class

)

select
    coalesce(records.data_class, 'none') as data_class,
    records.records,
    records.records - records.sound as quarantined,
    records.sound - cast(coalesce(records.consented, 0) as {{ dbt.type_bigint() }})
        as without_consent,
    cast(coalesce(records.consented, 0) as {{ dbt.type_bigint() }}) as used

from records
cross join gate

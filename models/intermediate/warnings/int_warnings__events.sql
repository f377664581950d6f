{#-
    State of the early warning: adds the events that it does not contain yet. If one event_id has several
    contents, the one recorded first counts. The others are stored too, since they may arrive first.
-#}
{{ config(
    schema='state',
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['event_id', 'content'],
    on_schema_change='fail',
    pre_hook='{{ forget_events_of_other_data() }}'
) }}

with

consented as (

    select distinct
        event_id,
        content,
        enterprise_key,
        event_type,
        role,
        result,
        occurred_at,
        recorded_at,
        occurred_day,
        amount,
        ratio,
        times
    from {{ ref('int_warnings__events_consented') }}
    where
        is_consented
        and exists (select 1 from {{ ref('int_warnings__keys') }})

),

{%- if is_incremental() %}

arrived as (

    select consented.*
    from consented
    left join {{ this }} as known
        on
            consented.event_id = known.event_id
            and consented.content = known.content
    where known.event_id is null

),

versions as (

    select * from arrived
    union all
    select
        known.event_id,
        known.content,
        known.enterprise_key,
        known.event_type,
        known.role,
        known.result,
        known.occurred_at,
        known.recorded_at,
        known.occurred_day,
        known.amount,
        known.ratio,
        known.times
    from {{ this }} as known
    where known.event_id in (select arrived.event_id from arrived)

),

load as (

    select coalesce(max(load_number), 0) + 1 as load_number from {{ this }}

)
{%- else %}

versions as (

    select * from consented

),

load as (

    select 1 as load_number

)
{%- endif %}

select
    versions.*,
    row_number() over (
        partition by versions.event_id
        order by versions.recorded_at, versions.content
    ) = 1 as is_counted,
    cast(load.load_number as {{ dbt.type_bigint() }}) as load_number

from versions
cross join load

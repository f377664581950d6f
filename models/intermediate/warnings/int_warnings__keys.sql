{#-
    Identifies the secret under which the state stores enterprises, by the hash of a fixed text. Under another
    secret no stored enterprise would be recognised, so a different hash stops the build before events are
    added.
-#}
{{ config(
    schema='state',
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='key_check',
    on_schema_change='fail',
    pre_hook='{{ forget_events_of_other_data() }}'
) }}

with

origins as (

    select distinct case when data_origin = 'synthetic' then 'seed' else 'file' end as origin
    from {{ ref('int_warnings__enterprises') }}

),

checks as (

    select {{ pseudonym("'which key is it?'", 'origins.origin') }} as key_check
    from origins

)

select checks.key_check

from checks
{%- if is_incremental() %}
where
    case
        when checks.key_check in (select known.key_check from {{ this }} as known) then true
        when not exists (select 1 from {{ this }}) then true
        else {{ raise_message(
            "'The events of earlier builds are stored under another CREDIT_INDICES_PSEUDONYM_KEY (or under none, "
            "for the synthetic enterprises). Set that key again, or rebuild from a folder that holds all "
            "events: FULL_REFRESH=1 make build, or dbt build --full-refresh.'"
        ) }}
    end
{%- endif %}

{#- For answering an enterprise that contests a warning. -#}
{{ config(schema='restricted', access='protected') }}

with

events as (

    select * from {{ ref('int_warnings__events') }}
    where is_counted

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises') }}

)

select
    {{ event_pseudonym(
        'events.event_id', "case when enterprises.data_origin = 'synthetic' then 'seed' else 'file' end"
    ) }} as event_key,
    events.event_id,
    events.enterprise_key

from events
inner join enterprises
    on events.enterprise_key = enterprises.enterprise_key

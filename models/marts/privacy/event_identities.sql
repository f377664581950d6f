{#- For answering an enterprise that contests a warning: the events behind signals. -#}
{{ config(schema='restricted', access='protected') }}

with

cited as (

    select distinct
        en,
        unnest(evidence) as event_hash
    from {{ warning_state('signals') }}

),

enterprises as (

    select * from {{ warning_state('enterprises') }}
    where is_listed

)

select
    {{ event_pseudonym(
        'texts.event_id', "case when enterprises.data_origin = 'synthetic' then 'seed' else 'file' end"
    ) }} as event_key,
    texts.event_id,
    enterprises.enterprise_key

from cited
inner join {{ warning_state('event_texts') }} as texts
    on cited.event_hash = texts.event_hash
inner join enterprises
    on cited.en = enterprises.en

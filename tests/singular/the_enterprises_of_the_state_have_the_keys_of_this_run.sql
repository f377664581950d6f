-- Another CREDIT_INDICES_PSEUDONYM_KEY makes other keys: then build anew (FULL_REFRESH=1).
with

events as (

    select
        count(*) as n_events,
        count(enterprises.enterprise_key) as n_known
    from {{ ref('int_warnings__events') }} as events
    left join {{ ref('int_warnings__enterprises') }} as enterprises
        on events.enterprise_key = enterprises.enterprise_key

)

select * from events
where
    n_events > 0
    and n_known = 0

{%- set as_of = as_of_date() %}

with

events as (

    -- Ignore stored events of enterprises that are no longer listed.
    select cast(max(events.recorded_at) as date) as last_recorded_on
    from {{ ref('int_warnings__events') }} as events
    inner join {{ ref('int_warnings__enterprises') }} as enterprises
        on events.enterprise_key = enterprises.enterprise_key
    where events.is_counted

),

as_of_dates as (

    select
        {%- if as_of %}
        cast('{{ as_of }}' as date) as as_of
        {%- else %}
        coalesce(last_recorded_on, current_date) as as_of
        {%- endif %}
    from events

)

select
    as_of,
    {{ day_number('as_of') }} as as_of_day

from as_of_dates

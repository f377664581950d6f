{%- set as_of = as_of_date() %}

with

events as (

    select cast(max(recorded_at) as date) as last_recorded_on
    from {{ ref('int_warnings__events') }}
    where is_counted

),

told as (

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

from told

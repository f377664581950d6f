{#- What the engine of the early warning must know of this run. -#}
{%- set folder = data_dir() if execute else '' %}

with

origins as (

    select coalesce(max(case when data_origin = 'user' then 'file' end), 'seed') as origin
    from {{ ref('int_warnings__enterprises') }}

),

-- The shipped events are complete and do not belong to a folder.
own_events as (

    select count(*) as n
    from {{ ref('stg_input__enterprise_events') }}
    where origin = 'file'

)

select
    cast({{ sql_text(as_of_date()) if as_of_date() else 'null' }} as date) as as_of,
    case
        when origins.origin = 'file' or own_events.n > 0
            then absolute_path({{ sql_text(folder) }})
    end as folder,
    {{ 'true' if is_full_refresh() else 'false' }} as is_full_refresh,
    {{ pseudonym("'which key is it?'", 'origins.origin') }} as key_check,
    -- `make day` reads only the enterprises with new events if the register has not changed.
    false as is_partial,
    cast({{ run_started_at.timestamp() }} as double) as started_at

from origins
cross join own_events

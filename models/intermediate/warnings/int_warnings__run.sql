{#- What the engine of the early warning must know of this run. -#}
with

origins as (

    select coalesce(max(case when data_origin = 'user' then 'file' end), 'seed') as origin
    from {{ ref('int_warnings__enterprises') }}

)

select
    cast({{ sql_text(as_of_date()) if as_of_date() else 'null' }} as date) as as_of,
    cast({{ sql_text(absolute_data_dir()) }} as {{ dbt.type_string() }}) as folder,
    {{ 'true' if is_full_refresh() else 'false' }} as is_full_refresh,
    {{ pseudonym("'which key is it?'", 'origins.origin') }} as key_check

from origins

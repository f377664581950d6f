{%- set files = observation_files() -%}

with

files as (

    {% for name, path in files.items() %}
    select
        {{ sql_text(name) }} as source_file,
        {{ file_hash(path) }} as sha256
    {{ 'union all' if not loop.last }}
    {% else %}
    select
        '' as source_file,
        '' as sha256
    where 1 = 0
    {% endfor %}

),

observations as (

    select
        indicator_key,
        source_file,
        count(*) as n_observations,
        count(distinct unit_key) as n_units,
        min(period) as first_period,
        max(period) as last_period,
        min(source) as stated_source
    from {{ ref('int_observations__typed') }}
    where is_accepted
    group by indicator_key, source_file

),

observed as (

    select max(case when origin = 'file' then 1 else 0 end) as are_the_users
    from {{ ref('int_observations__read') }}

),

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

),

gate as (

    select * from {{ ref('int_quality__gate') }}

),

indices as (

    select
        indicator_code,
        {{ dbt.listagg('index_code', "', '", 'order by index_code') }} as used_by
    from {{ ref('int_index__members') }}
    group by indicator_code

)

select
    indicators.indicator_code,
    indicators.name_en as name,
    indicators.unit,
    indicators.source_agency,
    case
        when observed.are_the_users = 1 and indicators.origin = 'seed' then 'user'
        else indicators.data_origin
    end as data_origin,
    case
        when observed.are_the_users = 1
            then coalesce(observations.stated_source, indicators.citation)
        else coalesce(indicators.citation, observations.stated_source)
    end as citation,
    observations.source_file,
    files.sha256,
    observations.first_period,
    observations.last_period,
    observations.n_units,
    observations.n_observations,
    indices.used_by

from observations
cross join observed
cross join gate
inner join indicators
    on observations.indicator_key = indicators.indicator_key
left join files
    on observations.source_file = files.source_file
left join indices
    on indicators.indicator_code = indices.indicator_code

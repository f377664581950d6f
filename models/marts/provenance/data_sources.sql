{#- Sources describe the values of this run, not the indicator. -#}
{%- set files = observation_files() -%}
{%- set most_sources = 10 -%}

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

accepted as (

    select
        indicator_key,
        source_file,
        source,
        unit_key,
        period
    from {{ ref('int_observations__typed') }}
    where is_accepted

),

named_sources as (

    select
        indicator_key,
        source_file,
        source,
        row_number() over (partition by indicator_key, source_file order by source) as place,
        count(*) over (partition by indicator_key, source_file) as n_sources
    from accepted
    where source is not null
    group by indicator_key, source_file, source

),

stated_sources as (

    select
        indicator_key,
        source_file,
        concat_ws(
            '',
            {{ dbt.listagg('source', "'; '", 'order by source') }},
            case
                when max(n_sources) > {{ most_sources }}
                    then concat_ws(
                        '',
                        '; and ',
                        cast(max(n_sources) - {{ most_sources }} as {{ dbt.type_string() }}),
                        ' more'
                    )
                else ''
            end
        ) as stated_source
    from named_sources
    where place <= {{ most_sources }}
    group by indicator_key, source_file

),

all_values as (

    select
        indicator_key,
        source_file,
        'observed' as status,
        unit_key,
        period
    from accepted
    union all
    select
        indicator_key,
        cast(null as {{ dbt.type_string() }}) as source_file,
        'derived' as status,
        unit_key,
        period
    from {{ ref('int_observations__derived') }}

),

counted as (

    select
        indicator_key,
        source_file,
        status,
        count(*) as n_observations,
        count(distinct unit_key) as n_units,
        min(period) as first_period,
        max(period) as last_period
    from all_values
    group by indicator_key, source_file, status

),

observed as (

    select coalesce(max(case when origin = 'file' then 1 else 0 end), 0) as are_the_users
    from {{ ref('int_observations__read') }}

),

-- The catalog describes the values that came with it, not a user's values of a shipped indicator.
indicators as (

    select
        indicators.*,
        observed.are_the_users = 1 and indicators.origin = 'seed' as is_catalog_silent
    from {{ ref('int_catalog__indicators') }} as indicators
    cross join observed

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
    coalesce(counted.status, 'no_data') as status,
    case
        when counted.status is null then null
        when indicators.is_catalog_silent then 'user'
        else indicators.data_origin
    end as data_origin,
    case
        when
            counted.status is not null
            and not indicators.is_catalog_silent
            and indicators.data_origin <> 'synthetic'
            then indicators.source_agency
    end as source_agency,
    case
        when
            counted.status is not null
            and not indicators.is_catalog_silent
            and indicators.data_origin = 'synthetic'
            then indicators.source_agency
    end as stands_in_for,
    case
        when indicators.is_catalog_silent then stated_sources.stated_source
        when indicators.origin = 'seed'
            then coalesce(indicators.citation, stated_sources.stated_source)
        else coalesce(stated_sources.stated_source, indicators.citation)
    end as citation,
    counted.source_file,
    files.sha256,
    counted.first_period,
    counted.last_period,
    coalesce(counted.n_units, 0) as n_units,
    coalesce(counted.n_observations, 0) as n_observations,
    indices.used_by

from indicators
cross join gate
left join counted
    on indicators.indicator_key = counted.indicator_key
left join stated_sources
    on
        counted.indicator_key = stated_sources.indicator_key
        and counted.source_file = stated_sources.source_file
left join files
    on counted.source_file = files.source_file
left join indices
    on indicators.indicator_code = indices.indicator_code

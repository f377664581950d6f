with

records as (

    select
        indicator_code,
        count(*) as n_records,
        count(source) as n_records_with_source,
        min(source_file) as first_source_file
    from {{ ref('int_observations__read') }}
    group by indicator_code

),

quarantined as (

    select
        indicator_key,
        count(*) as n_quarantined
    from {{ ref('int_observations__quarantined') }}
    where indicator_key is not null
    group by indicator_key

),

indicators as (

    select * from {{ ref('int_quality__indicators') }}

)

select
    indicators.indicator_code,
    indicators.is_shipped,
    records.first_source_file as source_file,
    indicators.source_agency,
    indicators.citation,
    indicators.data_origin,
    -- A shipped file has an origin; for the user's data the catalog gives it.
    case
        when indicators.is_shipped then files.data_origin
        else indicators.data_origin
    end as origin_by_file,
    case
        when records.n_records_with_source = records.n_records then 'every record'
        else indicators.source_agency
    end as named_source,
    records.n_records,
    coalesce(quarantined.n_quarantined, 0) as n_quarantined,
    case
        when records.n_records >= {{ quality_threshold('quality_min_units') }}
            then coalesce(cast(quarantined.n_quarantined as double), 0) / records.n_records
    end as share_quarantined,
    concat_ws(
        '',
        indicators.indicator_code, ' (', records.first_source_file, ', ',
        coalesce(indicators.data_origin, 'no data_origin'), ', ',
        coalesce(indicators.source_agency, 'no source_agency'), '): ',
        cast(coalesce(quarantined.n_quarantined, 0) as {{ dbt.type_string() }}), ' of ',
        cast(records.n_records as {{ dbt.type_string() }}), ' records are quarantined'
    ) as detail

from indicators
inner join records
    on indicators.indicator_code = records.indicator_code
left join {{ ref('stg_shipped__indicators') }} as files
    on indicators.indicator_code = files.indicator_code
left join quarantined
    on indicators.indicator_key = quarantined.indicator_key

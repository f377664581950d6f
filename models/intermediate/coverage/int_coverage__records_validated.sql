{#- Records of coverage_records with their faults. -#}
{{ config(schema='restricted') }}

with

records as (

    select
        *,
        cast({{ to_moment('first_day') }} as date) as first_date,
        cast({{ to_moment('last_day') }} as date) as last_date
    from {{ ref('stg_input__coverage_records') }}

),

enterprises as (

    select
        enterprise_id,
        closed_on
    from {{ ref('int_warnings__enterprises_validated') }}
    where enterprise_fault is null

)

select
    records.enterprise_id,
    records.source,
    records.kind,
    records.first_date as first_day,
    records.last_date as last_day,
    enterprises.closed_on,
    records.source_file,
    records.source_row,
    records.first_day as first_day_as_read,
    records.last_day as last_day_as_read,
    case
        when records.enterprise_id is null then 'enterprise_id is empty'
        when enterprises.enterprise_id is null
            then 'enterprise_id is unknown: enterprises are listed in enterprises'
    end as enterprise_fault,
    case when records.source is null then 'source is empty' end as source_fault,
    case
        when
            records.kind is null
            or not {{ is_allowed_value('coverage_records.kind', 'records.kind') }}
            then 'kind is not one of {{ allowed_values("coverage_records.kind") | join(", ") }}'
    end as kind_fault,
    case
        when records.first_date is null then 'first_day is not a day such as 2020-02-29'
    end as first_fault,
    case
        when records.last_day is not null and records.last_date is null
            then 'last_day is not a day such as 2020-02-29; leave it empty if the coverage lasts'
        when records.last_date < records.first_date then 'last_day is before first_day'
    end as last_fault

from records
left join enterprises
    on records.enterprise_id = enterprises.enterprise_id

with

faulty as (

    select * from {{ ref('int_observations__typed') }}
    where not is_accepted

),

named_units as (

    select
        unit_id,
        name_en as unit_name
    from {{ ref('int_catalog__units') }}
    union all
    select
        unit_id,
        name_zh as unit_name
    from {{ ref('int_catalog__units') }}

),

hints as (

    select
        unit_name,
        min(unit_id) as unit_id
    from named_units
    group by unit_name
    having count(distinct unit_id) = 1

),

explained as (

    select
        faulty.*,
        case
            when faulty.unit_id is null then 'unit_id is empty'
            when faulty.unit_key is null
                then concat_ws(
                    '',
                    'unit_id is unknown: units are listed in units',
                    case
                        when hints.unit_id is null then ''
                        else concat_ws('', '; did you mean ', hints.unit_id, '?')
                    end
                )
        end as unit_fault,
        case
            when faulty.period_as_read is null then 'period is empty'
            when faulty.period is null
                then 'period {{ not_a_period() }}'
        end as period_fault,
        case
            when faulty.indicator_code is null then 'indicator_code is empty'
            when faulty.indicator_key is null
                then 'indicator_code is unknown: indicators are listed in indicators'
        end as indicator_fault,
        case
            when faulty.value_as_read is null then 'value is empty'
            when faulty.value is null
                then
                    'value is not a number: digits with a point for decimals, such as 1234.5 or '
                    || '1e-05, no thousands separators, at most 1.8e308'
            when faulty.value < faulty.lower_bound
                then concat_ws(
                    '',
                    'value is below the lower bound ',
                    cast(faulty.lower_bound as {{ dbt.type_string() }}), ' of the indicator'
                )
            when faulty.value > faulty.upper_bound
                then concat_ws(
                    '',
                    'value is above the upper bound ',
                    cast(faulty.upper_bound as {{ dbt.type_string() }}), ' of the indicator'
                )
        end as value_fault
    from faulty
    left join hints
        on faulty.unit_id = hints.unit_name

)

select
    source_file,
    source_row,
    case
        when unit_fault is not null then 'unit_id'
        when indicator_fault is not null then 'indicator_code'
        when period_fault is not null then 'period'
        else 'value'
    end as column_name,
    case
        when unit_fault is not null then unit_id
        when indicator_fault is not null then indicator_code
        when period_fault is not null then cast(period_as_read as {{ dbt.type_string() }})
        else cast(value_as_read as {{ dbt.type_string() }})
    end as value,
    concat_ws('; ', unit_fault, indicator_fault, period_fault, value_fault) as reason,
    indicator_key

from explained

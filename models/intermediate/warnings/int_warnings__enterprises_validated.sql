{{ config(schema='restricted') }}

with

units as (

    select distinct unit_id
    from {{ ref('stg_input__units') }}

),

enterprises as (

    select
        enterprises.*,
        units.unit_id,
        cast({{ to_moment('enterprises.registered_on') }} as date) as registered_day,
        cast({{ to_moment('enterprises.closed_on') }} as date) as closed_day,
        row_number() over (
            partition by enterprises.enterprise_id
            order by enterprises.source_row
        ) as record_of_id
    from {{ ref('stg_input__enterprises') }} as enterprises
    left join units
        on enterprises.province_code = units.unit_id

)

select
    enterprise_id,
    name,
    unit_id as province_code,
    city,
    industry,
    origin,
    source_file,
    source_row,
    province_code as province_code_as_read,
    registered_capital as registered_capital_as_read,
    exposure as exposure_as_read,
    case when {{ to_number('exposure') }} >= 0 then {{ to_number('exposure') }} end as exposure,
    case
        when closed_day < registered_day then null
        else registered_day
    end as registered_on,
    case
        when closed_day < registered_day then null
        else closed_day
    end as closed_on,
    registered_on as registered_on_as_read,
    closed_on as closed_on_as_read,
    case
        when {{ to_number('registered_capital') }} > 0 then {{ to_number('registered_capital') }}
    end as registered_capital,
    case
        when enterprise_id is null then 'enterprise_id is empty'
        when not {{ is_credit_code('enterprise_id') }}
            then
                'enterprise_id is not a unified social credit code: 18 digits and capital letters, '
                || 'without I, O, S, V and Z'
        when substring(enterprise_id, 18, 1) <> {{ credit_code_check_character('enterprise_id') }}
            then
                'enterprise_id has a wrong check character (GB 32100-2015); is a character '
                || 'mistyped?'
        when record_of_id > 1
            then 'enterprise_id is already in an earlier row; keep the correct record'
    end as enterprise_fault,
    case
        when {{ to_number('registered_capital') }} is null
            then 'registered_capital is not a number of yuan; flows cannot be divided by it'
        when {{ to_number('registered_capital') }} <= 0
            then 'registered_capital is not above 0; flows cannot be divided by it'
    end as capital_fault,
    case
        when exposure is not null and coalesce({{ to_number('exposure') }}, -1) < 0
            then
                'exposure is not a number of yuan of 0 or more; the queue has no amount for the '
                || 'enterprise'
    end as exposure_fault,
    case
        when province_code is null
            then 'province_code is empty; regional values exclude the enterprise'
        when unit_id is null
            then
                'province_code is not a unit_id of the table units; regional values exclude the '
                || 'enterprise'
    end as province_fault,
    case
        when registered_on is not null and registered_day is null
            then
                'registered_on is not a day such as 2020-02-29; coverage counts the enterprise '
                || 'from the first month on'
    end as registered_fault,
    case
        when closed_on is not null and closed_day is null
            then
                'closed_on is not a day such as 2020-02-29; coverage counts the enterprise to the '
                || 'last month'
        when closed_day < registered_day
            then
                'closed_on is before registered_on; coverage counts the enterprise in every month'
    end as closed_fault

from enterprises

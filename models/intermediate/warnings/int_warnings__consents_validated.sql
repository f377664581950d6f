{{ config(schema='restricted') }}

with

consents as (

    select * from {{ ref('stg_input__enterprise_consents') }}

),

enterprises as (

    select * from {{ ref('int_warnings__enterprises_validated') }}
    where enterprise_fault is null

),

data_classes as (

    select distinct data_class from {{ ref('warning_event_types') }}
    where data_class is not null
    -- Other uses than warnings, such as loans in models of credit risk.
    {%- for data_class in allowed_values('enterprise_consents.data_class') %}
    union
    select {{ sql_text(data_class) }} as data_class
    {%- endfor %}

)

select
    consents.enterprise_id,
    consents.data_class,
    {{ to_moment('consents.granted_at') }} as granted_at,
    {{ to_moment('consents.withdrawn_at') }} as withdrawn_at,
    consents.source_file,
    consents.source_row,
    consents.granted_at as granted_at_as_read,
    consents.withdrawn_at as withdrawn_at_as_read,
    case
        when enterprises.enterprise_id is null
            then 'enterprise_id is unknown: enterprises are listed in enterprises'
    end as enterprise_fault,
    case
        when data_classes.data_class is null
            then
                'data_class is unknown: the classes are '
                || '{{ allowed_values("enterprise_consents.data_class") | join(", ") }} and those '
                || 'in catalog.warning_event_types'
    end as class_fault,
    case
        when {{ to_moment('consents.granted_at') }} is null
            then 'granted_at is not a time such as 2020-02-29 18:30:00'
    end as granted_fault,
    case
        when consents.withdrawn_at is not null and {{ to_moment('consents.withdrawn_at') }} is null
            then 'withdrawn_at is not a time such as 2020-02-29 18:30:00'
        when {{ to_moment('consents.withdrawn_at') }} < {{ to_moment('consents.granted_at') }}
            then 'withdrawn_at is before granted_at'
    end as withdrawn_fault

from consents
left join enterprises
    on consents.enterprise_id = enterprises.enterprise_id
left join data_classes
    on consents.data_class = data_classes.data_class
where
    -- Ignore shipped consents when users supply enterprises.
    consents.origin = 'file'
    or enterprises.enterprise_id is not null

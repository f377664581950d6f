{#- Records of loan_features with their faults. -#}
{{ config(schema='restricted') }}

with

records as (

    select
        *,
        {{ to_moment('known_at') }} as known,
        row_number() over (partition by loan_id, feature order by source_row) as record_of_key
    from {{ ref('stg_input__loan_features') }}

),

loans as (

    select distinct loan_id
    from {{ ref('int_credit__loans_validated') }}
    where loan_id is not null

)

select
    records.loan_id,
    records.feature,
    records.value,
    records.known as known_at,
    length(records.known_at) = 10 as is_known_on_day,
    records.source,
    records.source_file,
    records.source_row,
    records.known_at as known_at_as_read,
    case
        when records.loan_id is null then 'loan_id is empty'
        when loans.loan_id is null then 'loan_id is unknown: loans are listed in loans'
    end as loan_fault,
    case
        when records.feature is null then 'feature is empty'
        when records.feature like '% %' then 'feature contains a space, which separates features'
        when records.feature like 'index:%'
            then 'feature begins with index:, which is reserved for scores of indices'
        when records.record_of_key > 1
            then 'feature is already in an earlier row of this loan; keep the correct record'
    end as feature_fault,
    case
        when records.known_at is not null and records.known is null
            then 'known_at is not a day such as 2020-02-29, with or without a time'
    end as known_fault,
    case
        when not {{ is_allowed_value('loan_features.source', 'records.source') }}
            then 'source is not one of {{ allowed_values("loan_features.source") | join(", ") }}'
    end as source_fault

from records
left join loans
    on records.loan_id = loans.loan_id

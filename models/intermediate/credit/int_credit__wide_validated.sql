{#- Records of loan_features_wide by loan; their features stay in the staging model. -#}
{{ config(schema='restricted') }}

with

records as (

    select
        loan_id,
        source_file,
        source_row,
        row_number() over (partition by loan_id order by source_row) as record_of_id
    from {{ ref('stg_input__loan_features_wide') }}

),

loans as (

    select distinct loan_id
    from {{ ref('int_credit__loans_validated') }}
    where loan_id is not null

)

select
    records.loan_id,
    records.source_file,
    records.source_row,
    records.record_of_id,
    loans.loan_id is not null and records.record_of_id = 1 as is_valid

from records
left join loans
    on records.loan_id = loans.loan_id

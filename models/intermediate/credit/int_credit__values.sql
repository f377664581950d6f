{#-
    Valid values of features in long form. Days are compared if one of the two times is a day only.
-#}
{{ config(schema='restricted') }}

with

loans as (

    select * from {{ ref('int_credit__loans') }}

),

records as (

    select * from {{ ref('int_credit__features_validated') }}
    where coalesce(loan_fault, feature_fault, known_fault, source_fault) is null

)

select
    loans.loan_key,
    records.feature,
    records.value,
    case
        when records.is_known_on_day or loans.is_decided_on_day
            then cast(records.known_at as date) > cast(loans.decided_at as date)
        else records.known_at > loans.decided_at
    end as is_late,
    records.source

from records
inner join loans
    on records.loan_id = loans.loan_id
union all
select
    loan_key,
    feature,
    value,
    is_late,
    'alternative' as source

from {{ ref('int_credit__index_values') }}

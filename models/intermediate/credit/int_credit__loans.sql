{#-
    Valid loans. A loan of an enterprise may be used if the enterprise's consent for the class `credit` was in
    force at the decision; a loan without an enterprise is used.
-#}
{{ config(schema='restricted') }}

with

input_gate as (

    select * from {{ ref('int_credit__gate') }}

),

quality_gate as (

    select * from {{ ref('int_quality__gate') }}

),

loans as (

    select * from {{ ref('int_credit__loans_validated') }}
    where
        coalesce(
            id_fault, decided_fault, decision_fault, outcome_fault, known_fault, matures_fault,
            amount_fault
        ) is null

),

enterprises as (

    select
        enterprises.enterprise_id,
        units.unit_id,
        units.region
    from {{ ref('int_warnings__enterprises_validated') }} as enterprises
    left join {{ ref('int_catalog__units') }} as units
        on enterprises.province_code = units.unit_id
    where enterprises.enterprise_fault is null

),

consents as (

    select
        enterprise_id,
        granted_at,
        withdrawn_at
    from {{ ref('int_warnings__consents') }}
    where data_class = 'credit'

),

consented as (

    select distinct loans.loan_id
    from loans
    inner join consents
        on
            loans.enterprise_id = consents.enterprise_id
            and loans.decided_at >= consents.granted_at
            and (consents.withdrawn_at is null or loans.decided_at < consents.withdrawn_at)

)

select
    {{ pseudonym("concat_ws('', 'loan ', loans.loan_id)", 'loans.origin') }} as loan_key,
    loans.loan_id,
    case
        when loans.enterprise_id is not null
            then {{ pseudonym('loans.enterprise_id', 'loans.origin') }}
    end as enterprise_key,
    coalesce(loans.unit_id, enterprises.unit_id) as unit_id,
    coalesce(loans.region, enterprises.region) as region,
    loans.decided_at,
    loans.is_decided_on_day,
    loans.decision,
    loans.matures_at,
    loans.outcome,
    loans.outcome_known_at,
    loans.amount,
    case when loans.origin = 'seed' then 'synthetic' else 'user' end as data_origin,
    loans.enterprise_id is null or consented.loan_id is not null as is_consented

from loans
cross join input_gate
cross join quality_gate
left join enterprises
    on loans.enterprise_id = enterprises.enterprise_id
left join consented
    on loans.loan_id = consented.loan_id

{#-
    Records of loans with their faults. Faults of unit_id leave the loan in use, without a region.
-#}
{{ config(schema='restricted') }}

with

loans as (

    select
        *,
        {{ to_moment('decided_at') }} as decided,
        {{ to_moment('matures_at') }} as matures,
        {{ to_moment('outcome_known_at') }} as outcome_known,
        {{ to_number('amount') }} as amount_as_number,
        row_number() over (partition by loan_id order by source_row) as record_of_id
    from {{ ref('stg_input__loans') }}

),

units as (

    select distinct
        unit_id,
        region
    from {{ ref('int_catalog__units') }}

)

select
    loans.loan_id,
    loans.enterprise_id,
    units.unit_id,
    units.region,
    loans.decided as decided_at,
    length(loans.decided_at) = 10 as is_decided_on_day,
    loans.decision,
    loans.matures as matures_at,
    loans.outcome,
    loans.outcome_known as outcome_known_at,
    loans.amount_as_number as amount,
    loans.origin,
    loans.source_file,
    loans.source_row,
    loans.unit_id as unit_id_as_read,
    loans.decided_at as decided_at_as_read,
    loans.matures_at as matures_at_as_read,
    loans.outcome_known_at as outcome_known_at_as_read,
    loans.amount as amount_as_read,
    case
        when loans.loan_id is null then 'loan_id is empty'
        when loans.record_of_id > 1
            then 'loan_id is already in an earlier row; keep the correct record'
    end as id_fault,
    case
        when loans.decided is null
            then 'decided_at is not a day such as 2020-02-29, with or without a time'
    end as decided_fault,
    case
        when
            loans.decision is null
            or not {{ is_allowed_value('loans.decision', 'loans.decision') }}
            then 'decision is not one of {{ allowed_values("loans.decision") | join(", ") }}'
    end as decision_fault,
    case
        when loans.decision = 'refused' and loans.outcome is not null
            then 'outcome is given for a refused application; leave it empty'
        when
            loans.decision = 'approved'
            and (
                loans.outcome is null
                or not {{ is_allowed_value('loans.outcome', 'loans.outcome') }}
            )
            then 'outcome is not one of {{ allowed_values("loans.outcome") | join(", ") }}'
    end as outcome_fault,
    case
        when loans.outcome_known_at is not null and loans.outcome_known is null
            then 'outcome_known_at is not a day such as 2020-02-29, with or without a time'
        when loans.outcome_known < loans.decided
            then 'outcome_known_at is before decided_at'
        when loans.outcome_known is not null and coalesce(loans.outcome, 'open') = 'open'
            then 'outcome_known_at is given for a loan without an outcome; leave it empty'
    end as known_fault,
    case
        when loans.matures_at is not null and loans.matures is null
            then 'matures_at is not a day such as 2020-02-29, with or without a time'
        when loans.matures < loans.decided then 'matures_at is before decided_at'
    end as matures_fault,
    case
        when loans.amount is null and loans.decision = 'refused' then null
        when coalesce(loans.amount_as_number, 0) <= 0 then 'amount is not a number above 0'
    end as amount_fault,
    case
        when loans.unit_id is not null and units.unit_id is null
            then 'unit_id is not in the table units; values by region exclude the loan'
    end as unit_fault

from loans
left join units
    on loans.unit_id = units.unit_id

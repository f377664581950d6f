{{ config(schema='restricted') }}

{%- set loan_cells = [
    ('id_fault', 'loan_id', 'loan_id'),
    ('decided_fault', 'decided_at', 'decided_at_as_read'),
    ('decision_fault', 'decision', 'decision'),
    ('outcome_fault', 'outcome', 'outcome'),
    ('known_fault', 'outcome_known_at', 'outcome_known_at_as_read'),
    ('matures_fault', 'matures_at', 'matures_at_as_read'),
    ('amount_fault', 'amount', 'amount_as_read'),
    ('unit_fault', 'unit_id', 'unit_id_as_read'),
] %}
{%- set feature_cells = [
    ('loan_fault', 'loan_id', 'loan_id'),
    ('feature_fault', 'feature', 'feature'),
    ('known_fault', 'known_at', 'known_at_as_read'),
    ('source_fault', 'source', 'source'),
] %}

with

loans as (

    {{ faulty_records(ref('int_credit__loans_validated'), loan_cells) }}

),

features as (

    {{ faulty_records(ref('int_credit__features_validated'), feature_cells) }}

),

wide as (

    select
        wide.source_file,
        wide.source_row,
        'loan_id' as column_name,
        wide.loan_id as value,
        case
            when wide.loan_id is null then 'loan_id is empty'
            when wide.record_of_id > 1
                then 'loan_id is already in an earlier row; keep the correct record'
            else 'loan_id is unknown: loans are listed in loans'
        end as reason
    from {{ ref('int_credit__wide_validated') }} as wide
    where not wide.is_valid

),

unioned as (

    select * from loans
    union all
    select * from features
    union all
    select * from wide

)

select * from unioned

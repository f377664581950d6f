{{ config(schema='restricted') }}
{{ input_rows(ref('synthetic_loan_features'), instead=['observations', 'loans']) }}

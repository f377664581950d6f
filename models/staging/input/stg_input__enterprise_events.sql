{{ config(schema='restricted') }}
{{ input_rows(ref('synthetic_enterprise_events'), instead=['observations']) }}

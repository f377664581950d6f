{#- The shipped synthetic loans are not used if the user supplies observations. -#}
{{ config(schema='restricted') }}
{{ input_rows(ref('synthetic_loans'), instead=['observations']) }}

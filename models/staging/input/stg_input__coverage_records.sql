{#- The shipped synthetic records are not used if the user supplies enterprises or observations. -#}
{{ config(schema='restricted') }}
{{ input_rows(ref('synthetic_coverage_records'), instead=['observations', 'enterprises']) }}

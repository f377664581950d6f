{{ config(schema='restricted') }}
{{ input_rows(ref('synthetic_enterprise_links'), instead=['observations', 'enterprises']) }}

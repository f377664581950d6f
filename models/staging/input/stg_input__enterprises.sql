{#- The shipped synthetic enterprises are not used if the user supplies observations. -#}
{{ config(schema='restricted') }}
{{ input_rows(ref('synthetic_enterprises'), instead=['observations']) }}

{#- The shipped synthetic ratings are not used if the user supplies enterprises or observations. -#}
{{ config(schema='restricted') }}
{{ input_rows(ref('synthetic_ratings'), instead=['observations', 'enterprises']) }}

{#- Where a build stops before this, keep_data_quality_evidence writes the first half. -#}
{{ config(schema='quality') }}

with

results as (

    {{ data_quality_rows([ref('raw_data_quality'), ref('result_data_quality')]) }}

)

select
    suite,
    expectation,
    column_name,
    success,
    failure,
    severity,
    expected,
    observed,
    n_checked,
    unexpected_count,
    examples,
    why

from results

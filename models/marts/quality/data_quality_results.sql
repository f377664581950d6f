{#-
    If a build stops before this model, keep_data_quality_evidence writes the results on the
    observations.
-#}
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

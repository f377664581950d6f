{#-
    Second gate. Published results of this run depend on it: it has a row only if the input has no violation
    (int_input__gate) and the observations have no critical failure (the test of raw_data_quality). The two
    gates do not depend on each other, so that one build reports both.
-#}
with

input_gate as (

    select * from {{ ref('int_input__gate') }}

),

validated as (

    select count(*) as n_expectations
    from {{ ref('raw_data_quality') }}

)

select
    input_gate.n_violations,
    validated.n_expectations

from input_gate
cross join validated

{#-
    What is published of this run's figures descends from here: it is reached only where the input has no
    fault (int_input__gate) and the figures no critical failure (the test of raw_data_quality). The two
    do not wait for each other, so that one build tells of both.
-#}
with

input_gate as (

    select * from {{ ref('int_input__gate') }}

),

judged as (

    select count(*) as n_expectations
    from {{ ref('raw_data_quality') }}

)

select
    input_gate.n_violations,
    judged.n_expectations

from input_gate
cross join judged

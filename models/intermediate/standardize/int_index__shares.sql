{{ config(materialized='view') }}

with

standardized as (

    select * from {{ ref('int_index__standardized') }}

),

bounds as (

    select * from {{ ref('int_index__bounds') }}

),

entropy as (

    select * from {{ ref('int_index__entropy') }}

)

select
    standardized.member_key,
    standardized.unit_key,
    standardized.period,
    standardized.frame_id,
    standardized.is_reference,
    (bounds.score_base + bounds.score_span * standardized.z) / nullif(entropy.score_sum, 0) as share

from standardized
inner join bounds
    on
        standardized.member_key = bounds.member_key
        and standardized.frame_id = bounds.frame_id
inner join entropy
    on
        standardized.member_key = entropy.member_key
        and standardized.frame_id = entropy.frame_id

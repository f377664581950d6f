with

standardized as (

    select * from {{ ref('int_index__standardized') }}

),

bounds as (

    select * from {{ ref('int_index__bounds') }}

),

sums as (

    select
        member_key,
        frame_id,
        sum(z) as z_sum,
        count(z) as n_rows,
        -- Equal shares have the largest entropy, which rounding of the sums must not change.
        case
            when {{ is_within_rounding('min(z)', 'max(z)') }} and sum(z) > 0 then 1
            else {{ normalized_entropy('z') }}
        end as entropy
    from standardized
    where is_reference
    group by member_key, frame_id

)

select
    bounds.member_key,
    bounds.index_key,
    bounds.node_key,
    bounds.frame_id,
    bounds.n_rows,
    sums.z_sum,
    -- Denominator of the shares: sum of scores after scaling (score_base + score_span * z).
    bounds.score_base * sums.n_rows + bounds.score_span * sums.z_sum as score_sum,
    case when bounds.is_constant then 1 else sums.entropy end as entropy,
    case when bounds.is_constant or sums.entropy > 1 then 0 else 1 - sums.entropy end as divergence,
    bounds.is_constant

from bounds
left join sums
    on
        bounds.member_key = sums.member_key
        and bounds.frame_id = sums.frame_id

with

claims as (

    select * from {{ ref('song_liu_2025_claims') }}
    union all
    select * from {{ ref('lin_gu_2015_claims') }}

),

results as (

    select * from {{ ref('claim_results') }}

)

select
    claims.claim_code,
    claims.paper,
    claims.claim_number,
    claims.statement_number,
    claims.table_ref,
    claims.claim,
    {{ significant_digits('results.published') }} as published,
    {{ significant_digits('results.recomputed') }} as recomputed,
    {{ significant_digits('results.' ~ adapter.quote('lower')) }} as {{ adapter.quote('lower') }},
    {{ significant_digits('results.' ~ adapter.quote('upper')) }} as {{ adapter.quote('upper') }},
    results.verdict,
    results.explanation

from claims
left join results
    on claims.claim_code = results.claim_code

{%- set checked = [
    'int_claims__weights', 'int_claims__descriptives', 'int_claims__gdp_per_capita',
    'int_claims__table_3', 'int_claims__table_4', 'int_claims__effects', 'int_claims__table_5',
    'int_claims__simulation', 'int_claims__running_text',
    'int_claims__cei_definition', 'int_claims__cei_principal_components',
    'int_claims__cei_rank_differences',
] %}

with

claims as (

    select * from {{ ref('int_claims__stated') }}

),

checks as (
    {% for model in checked %}
    select * from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    claims.claim_code,
    claims.paper,
    claims.claim_number,
    claims.table_ref,
    claims.claim,
    {{ significant_digits('checks.published') }} as published,
    {{ significant_digits('checks.recomputed') }} as recomputed,
    {{ significant_digits('checks.' ~ adapter.quote('lower')) }} as {{ adapter.quote('lower') }},
    {{ significant_digits('checks.' ~ adapter.quote('upper')) }} as {{ adapter.quote('upper') }},
    case
        when claims.verdict_if_it_holds = 'not_checkable' or checks.holds
            then claims.verdict_if_it_holds
        when not checks.holds then 'inconsistent'
        else 'not_checkable'
    end as verdict,
    coalesce(checks.explanation, claims.explanation) as explanation

from claims
left join checks
    on claims.claim_code = checks.claim_code

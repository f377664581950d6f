select * from {{ ref('song_liu_2025_claims') }}
union all
select * from {{ ref('lin_gu_2015_claims') }}

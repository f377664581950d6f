{%- set facts = build_facts() -%}

with

scores as (

    select * from {{ ref('index_scores') }}
    where scheme = 'headline'

)

select
    {{ sql_text(facts.build_id) }} as build_id,
    cast({{ sql_text(facts.built_at_utc) }} as timestamp) as built_at_utc,
    {{ sql_text(facts.git_commit) }} as git_commit,
    -- The name of the user's folder may contain that of an enterprise.
    case
        when exists (
            select 1 from {{ ref('int_privacy__names') }} as names
            where position(names.name in {{ comparable(sql_text(facts.data_source)) }}) > 0
        ) then 'a folder of the user'
        else {{ sql_text(facts.data_source) }}
    end as data_source,
    {{ sql_text(facts.dbt_version) }} as dbt_version,
    version() as duckdb_version,
    count(distinct index_code) as n_indices,
    count(*) as n_scores,
    min(period) as first_period,
    max(period) as last_period,
    coalesce(max(case when data_origin = 'synthetic' then 1 else 0 end) = 1, false) as has_synthetic

from scores

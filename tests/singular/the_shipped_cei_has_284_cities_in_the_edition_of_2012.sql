-- Only for the shipped data, and not for --empty builds.
with

counted as (

    select
        indices.index_code,
        count(scores.score) as n_cities,
        min(scores.period) as first_edition,
        max(scores.period) as last_edition
    from {{ ref('int_catalog__indices') }} as indices
    left join {{ ref('index_scores') }} as scores
        on
            indices.index_code = scores.index_code
            and scores.scheme = 'headline'
    where indices.index_code like 'cei%'
    group by indices.index_code

)

select * from counted
where
    not (n_cities = 284 and coalesce(first_edition = 2012 and last_edition = 2012, false))
{%- if execute and (data_dir() or flags.EMPTY) %}
    and 1 = 0
{%- endif %}

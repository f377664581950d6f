{#-
    An index of the shipped catalog that lacks data in this run is left out with a warning. An index of the
    user's own catalog is always built, and missing data are errors.
-#}
with

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

members as (

    select * from {{ ref('int_catalog__index_indicators') }}

),

accepted as (

    select distinct indicator_key from {{ ref('int_observations__accepted') }}

),

quarantined as (

    select distinct indicator_key
    from {{ ref('int_observations__quarantined') }}
    where indicator_key is not null

),

observed as (

    select indicator_key from accepted
    union
    select indicator_key from quarantined

),

counted as (

    select
        members.index_code,
        count(*) as n_indicators,
        sum(
            case
                when members.indicator_key is null then 1
                when observed.indicator_key is null and members.missing_policy <> 'skip' then 1
                else 0
            end
        ) as n_without_observations,
        min(
            case
                when
                    members.indicator_key is null
                    or (observed.indicator_key is null and members.missing_policy <> 'skip')
                    then members.indicator_code
            end
        ) as first_without_observations
    from members
    left join observed
        on members.indicator_key = observed.indicator_key
    group by members.index_code

)

select
    indices.index_key,
    indices.index_code,
    coalesce(counted.n_indicators, 0) as n_indicators,
    coalesce(counted.n_without_observations, 0) as n_without_observations,
    counted.first_without_observations,
    (
        indices.origin = 'file'
        or (coalesce(counted.n_indicators, 0) > 0 and counted.n_without_observations = 0)
    ) as has_complete_data

from indices
left join counted
    on indices.index_code = counted.index_code

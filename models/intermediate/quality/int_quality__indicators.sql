{#-
    The validated indicators: those that an index or an analysis of this run uses, and all indicators of the
    shipped data.
-#}
with

indicators as (

    select * from {{ ref('int_catalog__indicators') }}

),

observations as (

    select coalesce(max(case when origin = 'file' then 1 else 0 end), 0) as are_the_users
    from {{ ref('int_observations__read') }}

),

used as (

    select indicator_key from {{ ref('int_index__members') }}
    union
    select indicator_key from {{ ref('int_panel__variables') }}
    union
    select indicator_key from {{ ref('int_pca__variables') }}

)

select
    indicators.indicator_key,
    indicators.presence_block,
    indicators.presence_bit,
    indicators.indicator_code,
    indicators.missing_policy,
    indicators.source_agency,
    indicators.data_origin,
    indicators.citation,
    indicators.lower_bound,
    coalesce(
        indicators.unit like '%\%%' escape '\'
        or lower(indicators.unit) like '%percent%'
        or lower(indicators.unit) like '%per cent%'
        or indicators.unit like '%百分%',
        false
    ) as is_percentage,
    coalesce(indicators.range_factor, {{ quality_threshold('quality_range_factor') }})
        as range_factor,
    coalesce(indicators.range_factor, 1) as code_factor,
    observations.are_the_users = 0 and indicators.origin = 'seed' as is_shipped

from indicators
cross join observations
where
    observations.are_the_users = 0
    or indicators.indicator_key in (
        select used.indicator_key from used
        where used.indicator_key is not null
    )

with

members as (

    select * from {{ ref('int_index__members') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

weights as (

    select
        indices.index_code,
        case when indices.frame = 'by_period' then weights.frame_id end as period,
        members.indicator_code,
        {{ significant_digits('weights.global_weight') }} as global_weight
    from {{ ref('int_index__weights') }} as weights
    inner join members
        on weights.member_key = members.member_key
    inner join indices
        on weights.index_key = indices.index_key
    where weights.scheme = 'headline'

),

largest as (

    select
        index_code,
        period,
        count(*) as n_indicators,
        max(global_weight) as largest_weight
    from weights
    group by index_code, period

)

select
    largest.index_code,
    largest.period,
    largest.n_indicators,
    -- In an index of two indicators, one always has at least half the weight.
    case when largest.n_indicators > 2 then largest.largest_weight end as largest_weight,
    min(concat_ws(
        '',
        largest.index_code,
        case
            when largest.period is null then ''
            else concat_ws('', ', ', cast(largest.period as {{ dbt.type_string() }}))
        end,
        ': ', weights.indicator_code, ' has a weight of ',
        cast({{ significant_digits('largest.largest_weight', 3) }} as {{ dbt.type_string() }})
    )) as detail

from largest
inner join weights
    on
        largest.index_code = weights.index_code
        and coalesce(largest.period, 0) = coalesce(weights.period, 0)
        and largest.largest_weight = weights.global_weight
group by largest.index_code, largest.period, largest.n_indicators, largest.largest_weight

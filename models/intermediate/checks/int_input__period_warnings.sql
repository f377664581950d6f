{#-
    Periods that may have another meaning than their digits suggest. They are read, and reported as warnings.
-#}
with

of_indices as (

    select
        of_indices.*,
        codes.part,
        of_indices.period - lag(of_indices.period) over (
            partition by of_indices.index_key
            order by of_indices.period
        ) as distance
    from {{ ref('int_periods__of_indices') }} as of_indices
    inner join {{ ref('int_periods__codes') }} as codes
        on of_indices.period = codes.period

),

counted as (

    select
        index_key,
        min(family) as family,
        min(period) as first_period,
        max(period) as last_period,
        min(case when is_listed then 1 else 0 end) as is_listed,
        min(part) as first_part,
        max(part) as last_part,
        count(distinct part) as n_parts,
        count(distinct extract(year from starts_on)) as n_years,
        min(case when coding = 'year' then 1 else 0 end) as are_years,
        min(distance) as shortest_distance,
        max(distance) as longest_distance
    from of_indices
    group by index_key
    having min(family) = max(family)

),

interpolating as (

    select distinct index_key
    from {{ ref('int_index__members') }}
    where missing_policy = 'interpolate'

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

own_table as (

    select count(*) as n_listed
    from {{ ref('int_catalog__periods') }}

),

unlisted as (

    select
        'periods_are_listed' as rule,
        'periods' as source_file,
        'period' as column_name,
        cast(counted.first_period as {{ dbt.type_string() }}) as value,
        concat_ws(
            '',
            'and the other periods of the index ', indices.index_code,
            ' are not listed in periods: they are read by their digits'
        ) as reason
    from counted
    inner join indices
        on counted.index_key = indices.index_key
    cross join own_table
    where
        counted.is_listed = 0
        and own_table.n_listed > 0

),

parts_of_a_year as (

    select
        'period_is_what_its_digits_say' as rule,
        'observations' as source_file,
        'period' as column_name,
        cast(counted.last_period as {{ dbt.type_string() }}) as value,
        concat_ws(
            '',
            'and the other periods of the index ', indices.index_code, ' are read as ',
            case when counted.family = 'quarter' then 'quarters' else 'months' end,
            ', but no year has one after number ',
            cast(counted.last_part as {{ dbt.type_string() }}),
            case
                when counted.last_part = 2 then '; write half years as 2020H1 and 2020H2'
                else '; write quarters as 2020Q1'
            end,
            ', or list the periods in periods with their first days'
        ) as reason
    from counted
    inner join indices
        on counted.index_key = indices.index_key
    where
        counted.n_years > 1
        and counted.first_part = 1
        and counted.n_parts = counted.last_part
        and (
            (counted.family = 'quarter' and counted.last_part = 2)
            or (counted.family = 'month' and counted.last_part in (2, 4))
        )

),

uneven as (

    select
        'periods_are_evenly_spaced' as rule,
        'observations' as source_file,
        'period' as column_name,
        cast(counted.last_period as {{ dbt.type_string() }}) as value,
        concat_ws(
            '',
            'and the other periods of the index ', indices.index_code,
            ' are integers that are not evenly spaced and have no known coding: interpolation '
            || 'treats their differences as distances in time; list them in periods with their '
            || 'first days'
        ) as reason
    from counted
    inner join indices
        on counted.index_key = indices.index_key
    inner join interpolating
        on counted.index_key = interpolating.index_key
    where
        counted.family = 'integer'
        and counted.are_years = 0
        and counted.shortest_distance < counted.longest_distance

),

-- Among years, an integer such as 20205 may be a typing error.
integers_among_years as (

    select
        'periods_are_all_years' as rule,
        'observations' as source_file,
        'period' as column_name,
        cast(min(case when of_indices.coding = 'integer' then of_indices.period end)
            as {{ dbt.type_string() }}) as value,
        concat_ws(
            '',
            'is not a year, half year, quarter, month or day, but other periods of the index ',
            indices.index_code, ' are years, such as ',
            cast(min(case when of_indices.coding = 'year' then of_indices.period end)
                as {{ dbt.type_string() }}),
            ': correct it, or list the periods in periods with their first days'
        ) as reason
    from of_indices
    inner join indices
        on of_indices.index_key = indices.index_key
    where not of_indices.is_listed
    group by indices.index_code
    having
        count(case when of_indices.coding = 'integer' then 1 end) > 0
        and count(case when of_indices.coding = 'year' then 1 end) > 0

),

-- Only for indicators outside an index, since an index with several frequencies stops the build.
several_frequencies as (

    select
        'periods_have_one_frequency' as rule,
        'observations' as source_file,
        'indicator_code' as column_name,
        indicators.indicator_code as value,
        concat_ws(
            '',
            'has periods of several frequencies, such as ',
            cast(min(observed.period) as {{ dbt.type_string() }}), ' and ',
            cast(max(observed.period) as {{ dbt.type_string() }}),
            ': an index rejects this, and regressions and analyses treat them as periods of one '
            || 'frequency; correct the periods, or split the indicator by frequency'
        ) as reason
    from {{ ref('int_periods__observed') }} as observed
    inner join {{ ref('int_periods__codes') }} as codes
        on observed.period = codes.period
    inner join {{ ref('int_catalog__indicators') }} as indicators
        on observed.indicator_key = indicators.indicator_key
    where
        not exists (
            select 1 from {{ ref('int_index__members') }} as members
            where members.indicator_key = observed.indicator_key
        )
    group by indicators.indicator_code
    having min(codes.family) <> max(codes.family)

),

unioned as (

    select * from unlisted
    union all
    select * from integers_among_years
    union all
    select * from several_frequencies
    union all
    select * from parts_of_a_year
    union all
    select * from uneven

)

select
    rule,
    source_file,
    cast(null as {{ dbt.type_bigint() }}) as source_row,
    column_name,
    value,
    reason

from unioned

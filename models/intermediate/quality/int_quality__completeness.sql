{#-
    An indicator is expected in every period in which a unit that has it at some time has any value. For the
    user's data this holds only between the indicator's first and last period, and in periods of its own
    frequency. A unit without any value in a period is not expected there.

    The shipped panel is balanced, and its expected cells do not depend on the observed ones: every indicator
    for which an agency file has a column is expected for every unit and period of the files of its kind. Every
    other indicator, unless it may be missing, is expected to have some value.
-#}
with

presence as (

    select * from {{ ref('int_observations__presence') }}

),

indicators as (

    select * from {{ ref('int_quality__indicators') }}

),

units as (

    select * from {{ ref('int_catalog__units') }}

),

listed as (

    select
        indicators.indicator_key,
        indicators.presence_block,
        indicators.presence_bit,
        files.source_file,
        files.unit_column
    from indicators
    inner join {{ ref('stg_shipped__indicators') }} as files
        on indicators.indicator_code = files.indicator_code
    where indicators.is_shipped

),

rows_of_files as (

    select distinct
        presence.unit_key,
        presence.period,
        listed.unit_column
    from presence
    inner join listed
        on
            presence.presence_block = listed.presence_block
            and (presence.present_bits & listed.presence_bit) <> 0

),

units_of_files as (

    select distinct
        unit_key,
        unit_column
    from rows_of_files

),

periods_of_files as (

    select distinct
        period,
        unit_column
    from rows_of_files

),

indicators_of_files as (

    select
        unit_column,
        presence_block,
        bit_or(presence_bit) as expected_bits
    from listed
    group by unit_column, presence_block

),

known_at_some_time as (

    select
        unit_key,
        presence_block,
        bit_or(present_bits) as expected_bits
    from presence
    group by unit_key, presence_block

),

-- A unit and period has one row per block of indicators that the unit has at some time.
periods_of_units as (

    select distinct
        unit_key,
        period
    from presence

),

unioned as (

    select
        units_of_files.unit_key,
        periods_of_files.period,
        indicators_of_files.presence_block,
        indicators_of_files.expected_bits
    from units_of_files
    inner join periods_of_files
        on units_of_files.unit_column = periods_of_files.unit_column
    inner join indicators_of_files
        on units_of_files.unit_column = indicators_of_files.unit_column
    union all
    select
        periods_of_units.unit_key,
        periods_of_units.period,
        known_at_some_time.presence_block,
        known_at_some_time.expected_bits
    from periods_of_units
    inner join known_at_some_time
        on periods_of_units.unit_key = known_at_some_time.unit_key

),

expected as (

    select
        unioned.unit_key,
        unioned.period,
        unioned.presence_block,
        bit_or(unioned.expected_bits) as expected_bits,
        coalesce(max(presence.present_bits), 0) as present_bits
    from unioned
    left join presence
        on
            unioned.unit_key = presence.unit_key
            and unioned.period = presence.period
            and unioned.presence_block = presence.presence_block
    group by unioned.unit_key, unioned.period, unioned.presence_block

),

counted as (

    select
        indicators.indicator_key,
        expected.period,
        count(*) as n_units_expected,
        count(
            case when (expected.present_bits & indicators.presence_bit) <> 0 then 1 end
        ) as n_units_present,
        min(
            case
                when (expected.present_bits & indicators.presence_bit) = 0 then expected.unit_key
            end
        ) as first_missing_unit_key
    from expected
    inner join indicators
        on
            expected.presence_block = indicators.presence_block
            and (expected.expected_bits & indicators.presence_bit) <> 0
    group by indicators.indicator_key, expected.period

),

counted_by_family as (

    select
        counted.*,
        codes.family
    from counted
    inner join {{ ref('int_periods__codes') }} as codes
        on counted.period = codes.period

),

spans as (

    select
        indicator_key,
        family,
        min(case when n_units_present > 0 then period end) as first_period,
        max(case when n_units_present > 0 then period end) as last_period
    from counted_by_family
    group by indicator_key, family

),

profiled as (

    select
        indicators.indicator_code,
        counted.period,
        indicators.missing_policy,
        indicators.is_shipped and indicators.missing_policy = 'fail' as is_required,
        counted.n_units_expected,
        counted.n_units_present,
        cast(counted.n_units_present as double) / counted.n_units_expected as share_present,
        units.unit_id as first_missing_unit_id,
        case
            when counted.n_units_present < counted.n_units_expected
                then concat_ws(
                    '',
                    indicators.indicator_code, ', ',
                    cast(counted.period as {{ dbt.type_string() }}), ': ',
                    cast(
                        counted.n_units_expected - counted.n_units_present
                        as {{ dbt.type_string() }}
                    ),
                    ' of ', cast(counted.n_units_expected as {{ dbt.type_string() }}),
                    ' units have no value, the first ', coalesce(units.name_en, units.unit_id)
                )
        end as detail

    from counted_by_family as counted
    inner join indicators
        on counted.indicator_key = indicators.indicator_key
    inner join spans
        on
            counted.indicator_key = spans.indicator_key
            and counted.family = spans.family
    left join units
        on counted.first_missing_unit_key = units.unit_key
    where
        (indicators.is_shipped and indicators.missing_policy <> 'skip')
        or counted.period between spans.first_period and spans.last_period

),

-- Indicators of a file without rows, or that could not be derived, have nothing to count.
absent as (

    select
        indicators.indicator_code,
        cast(null as {{ dbt.type_int() }}) as period,
        indicators.missing_policy,
        true as is_required,
        0 as n_units_expected,
        0 as n_units_present,
        cast(0 as double) as share_present,
        cast(null as {{ dbt.type_string() }}) as first_missing_unit_id,
        concat_ws(
            '',
            indicators.indicator_code, ': no unit has a value in any period (',
            coalesce(listed.source_file, 'no shipped file has a column for it'), ')'
        ) as detail
    from indicators
    left join listed
        on indicators.indicator_key = listed.indicator_key
    where
        indicators.is_shipped
        and (listed.indicator_key is not null or indicators.missing_policy <> 'skip')
        and indicators.indicator_key not in (
            select spans.indicator_key from spans
            where spans.first_period is not null
        )
        and indicators.indicator_key not in (
            select derived.indicator_key from {{ ref('int_observations__derived') }} as derived
        )
        and indicators.indicator_code not in (
            select profiled.indicator_code from profiled
            where profiled.is_required
        )

)

select * from profiled
union all
select * from absent

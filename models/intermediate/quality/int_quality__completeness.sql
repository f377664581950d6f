{#-
    Expected is an indicator wherever a unit that has it at some time has any figure at all; of the user's
    data only between the indicator's first and last period. An absent unit and period is simply absent.
    Of the shipped data an indicator is expected of every unit of which its agency has any figure.
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

units_of_agencies as (

    select distinct
        presence.unit_key,
        indicators.source_agency
    from presence
    inner join indicators
        on
            presence.presence_block = indicators.presence_block
            and (presence.present_bits & indicators.presence_bit) <> 0
    where indicators.is_shipped

),

agencies as (

    select
        source_agency,
        presence_block,
        bit_or(presence_bit) as agency_bits
    from indicators
    where
        is_shipped
        and indicator_key not in (
            select derived.indicator_key from {{ ref('int_observations__derived') }} as derived
        )
    group by source_agency, presence_block

),

known as (

    select
        unit_key,
        presence_block,
        present_bits as known_bits
    from presence
    union all
    select
        units_of_agencies.unit_key,
        agencies.presence_block,
        agencies.agency_bits as known_bits
    from units_of_agencies
    inner join agencies
        on units_of_agencies.source_agency = agencies.source_agency

),

known_at_some_time as (

    select
        unit_key,
        presence_block,
        bit_or(known_bits) as known_bits
    from known
    group by unit_key, presence_block

),

-- A unit and period has a row for each block of indicators that the unit has at some time.
periods_of_units as (

    select distinct
        unit_key,
        period
    from presence

),

expected as (

    select
        periods_of_units.unit_key,
        periods_of_units.period,
        known_at_some_time.presence_block,
        known_at_some_time.known_bits as expected_bits,
        coalesce(presence.present_bits, 0) as present_bits
    from periods_of_units
    inner join known_at_some_time
        on periods_of_units.unit_key = known_at_some_time.unit_key
    left join presence
        on
            periods_of_units.unit_key = presence.unit_key
            and periods_of_units.period = presence.period
            and known_at_some_time.presence_block = presence.presence_block

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

spans as (

    select
        indicator_key,
        min(case when n_units_present > 0 then period end) as first_period,
        max(case when n_units_present > 0 then period end) as last_period
    from counted
    group by indicator_key

)

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
            then concat(
                indicators.indicator_code, ', ',
                cast(counted.period as {{ dbt.type_string() }}), ': ',
                cast(
                    counted.n_units_expected - counted.n_units_present as {{ dbt.type_string() }}
                ),
                ' of ', cast(counted.n_units_expected as {{ dbt.type_string() }}),
                ' units have no figure, the first ', coalesce(units.name_en, units.unit_id)
            )
    end as detail

from counted
inner join indicators
    on counted.indicator_key = indicators.indicator_key
inner join spans
    on counted.indicator_key = spans.indicator_key
left join units
    on counted.first_missing_unit_key = units.unit_key
where
    (indicators.is_shipped and indicators.missing_policy <> 'skip')
    or counted.period between spans.first_period and spans.last_period

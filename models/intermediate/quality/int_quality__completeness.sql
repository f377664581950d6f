{#-
    Expected is an indicator wherever a unit that has it at some time has any figure at all; of the user's
    data only between the indicator's first and last period. An absent unit and period is simply absent.
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

ever_present as (

    select
        unit_key,
        presence_block,
        bit_or(present_bits) as present_bits
    from presence
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
        ever_present.presence_block,
        ever_present.present_bits as expected_bits,
        coalesce(presence.present_bits, 0) as present_bits
    from periods_of_units
    inner join ever_present
        on periods_of_units.unit_key = ever_present.unit_key
    left join presence
        on
            periods_of_units.unit_key = presence.unit_key
            and periods_of_units.period = presence.period
            and ever_present.presence_block = presence.presence_block

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
    indicators.is_shipped,
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
    indicators.is_shipped
    or counted.period between spans.first_period and spans.last_period

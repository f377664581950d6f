{#-
    Coding of the digits of a period, from 1700 to 2199: a year 2024, a quarter 20241, a month 202401, a half
    year 202440 or 202441, a day 20240115, else an integer. A row of the table periods takes precedence over the
    digits. Integers and years are one family, since both are evenly spaced.
-#}
with

listed as (

    select * from {{ ref('int_catalog__periods') }}

),

periods as (

    select period from {{ ref('int_periods__observed') }}
    union
    select period from listed
    union
    select reference_last_period as period
    from {{ ref('int_catalog__indices') }}
    where reference_last_period is not null

),

coded as (

    select
        period,
        case
            when period between 1700 and 2199 then 'year'
            when period between 17001 and 21994 and mod(period, 10) between 1 and 4 then 'quarter'
            when period between 170001 and 219941 and mod(period, 100) between 1 and 12 then 'month'
            when period between 170001 and 219941 and mod(period, 100) in (40, 41) then 'half_year'
            when period between 17000101 and 21991231 then 'date'
            else 'integer'
        end as coding,
        cast(period as {{ dbt.type_string() }}) as digits
    from periods

),

dated as (

    select
        period,
        coding,
        digits,
        substring(digits, 1, 4) as year_digits,
        case coding
            when 'quarter' then mod(period, 10)
            when 'half_year' then mod(period, 100) - 39
            when 'month' then mod(period, 100)
        end as part,
        {{ to_moment(
            "concat_ws('', substring(digits, 1, 4), '-', substring(digits, 5, 2), '-', substring(digits, 7, 2))"
        ) }} as day_of_digits
    from coded

),

parted as (

    select
        dated.period,
        -- An invalid date, such as 30 February, is an integer.
        case
            when coding = 'date' and day_of_digits is null then 'integer'
            else coding
        end as coding,
        digits,
        year_digits,
        part,
        cast(part as {{ dbt.type_string() }}) as part_digits,
        case
            when coding = 'date' then day_of_digits
            when coding <> 'integer'
                then {{ to_moment(
                    "concat_ws('', year_digits, '-', substring(cast(100 + case coding "
                    ~ "when 'quarter' then 3 * part - 2 when 'half_year' then 6 * part - 5 "
                    ~ "when 'month' then part else 1 end as " ~ dbt.type_string() ~ "), 2, 2), '-01')"
                ) }}
        end as first_moment
    from dated

),

described as (

    select
        parted.period,
        parted.coding,
        listed.period is not null as is_listed,
        listed.period is not null or parted.coding = 'date' as is_dated,
        case
            when listed.period is not null then 'listed'
            when parted.coding = 'year' then 'integer'
            else parted.coding
        end as family,
        coalesce(listed.starts_on, cast(parted.first_moment as date)) as starts_on,
        coalesce(
            listed.label,
            case parted.coding
                when 'quarter' then concat_ws('', parted.year_digits, 'Q', parted.part_digits)
                when 'half_year' then concat_ws('', parted.year_digits, 'H', parted.part_digits)
                when 'month'
                    then concat_ws('', parted.year_digits, '-', substring(parted.digits, 5, 2))
                when 'date'
                    then concat_ws(
                        '',
                        parted.year_digits, '-', substring(parted.digits, 5, 2), '-',
                        substring(parted.digits, 7, 2)
                    )
                else parted.digits
            end
        ) as label,
        parted.part,
        case parted.coding
            when 'quarter'
                then 4 * cast(parted.year_digits as {{ dbt.type_int() }}) + parted.part - 1
            when 'half_year'
                then 2 * cast(parted.year_digits as {{ dbt.type_int() }}) + parted.part - 1
            when 'month'
                then 12 * cast(parted.year_digits as {{ dbt.type_int() }}) + parted.part - 1
            else parted.period
        end as step
    from parted
    left join listed
        on parted.period = listed.period

)

select
    period,
    label,
    starts_on,
    coding,
    family,
    part,
    is_listed,
    is_dated,
    step,
    {{ month_number('starts_on') }} as month_number,
    {{ day_number('starts_on') }} as day_number,
    -- Sort key of the periods of one family.
    case when is_listed then {{ day_number('starts_on') }} else period end as place_in_time,
    extract(day from starts_on) as day_of_month,
    case
        when extract(day from {{ dbt.dateadd('day', 1, 'starts_on') }}) = 1 then 1
        else 0
    end as is_month_end

from described

{#-
    Periods that cannot be ordered: rows of the table periods, and indices whose periods have no common
    frequency. The engine relies on periods of one frequency being ordered by their numbers.
-#}
{%- set needs = [
    'observations', 'units', 'indicators', 'indices', 'index_nodes', 'index_indicators', 'periods',
] %}
{%- set kinds = {
    'integer': 'an integer that is not a year, half year, quarter, month or day',
    'year': 'a year', 'half_year': 'a half year', 'quarter': 'a quarter', 'month': 'a month',
    'date': 'a day',
} %}

with

periods as (

    select
        rows.*,
        {{ to_period('rows.period') }} as period_number,
        cast({{ to_moment('rows.starts_on') }} as date) as first_day
    from {{ ref('stg_input__periods') }} as rows

),

codes as (

    select
        *,
        -- By its digits, whether or not it is listed.
        case when coding = 'year' then 'integer' else coding end as family_of_digits
    from {{ ref('int_periods__codes') }}

),

indices as (

    select * from {{ ref('int_catalog__indices') }}

),

of_indices as (

    select * from {{ ref('int_periods__of_indices') }}

),

unreadable as (

    {{ violations_of('key_is_given', 'periods', 'period', "'is empty'", 'rows.period is null') }}
    union all
    {{ violations_of_period('periods', 'period') }}
    union all
    {{ violations_of(
        'starts_on_is_a_date', 'periods', 'starts_on',
        "case when rows.starts_on is null "
            ~ "then 'is empty: give the first day of the period, such as 2020-01-01' "
            ~ "else 'is not a date: write the first day of the period as 2020-01-01' end",
        "rows.starts_on is null or " ~ to_moment('rows.starts_on') ~ " is null"
    ) }}

),

duplicates as (

    select
        {{ rule_and_place('key_is_unique', ['periods'], records='later') }},
        'period' as column_name,
        later.period as value,
        concat_ws(
            '',
            'is already in row ', cast(min(earlier.source_row) as {{ dbt.type_string() }}),
            '; keep the correct record'
        ) as reason
    from periods as later
    inner join periods as earlier
        on
            later.period_number = earlier.period_number
            and later.source_row > earlier.source_row
    group by later.source_file, later.source_row, later.period

),

same_day as (

    select
        {{ rule_and_place('starts_on_is_unique', ['periods'], records='later') }},
        'starts_on' as column_name,
        later.starts_on as value,
        concat_ws(
            '',
            'of the period ', min(later.period), ' is also that of row ',
            cast(min(earlier.source_row) as {{ dbt.type_string() }}),
            ': two periods of one frequency cannot start on the same day'
        ) as reason
    from periods as later
    inner join periods as earlier
        on
            later.first_day = earlier.first_day
            and later.period_number <> earlier.period_number
            and later.source_row > earlier.source_row
    inner join codes as later_codes
        on later.period_number = later_codes.period
    inner join codes as earlier_codes
        on earlier.period_number = earlier_codes.period
    where later_codes.family_of_digits = earlier_codes.family_of_digits
    group by later.source_file, later.source_row, later.starts_on

),

families as (

    select
        of_indices.index_key,
        of_indices.family,
        count(*) as n_periods,
        min(of_indices.period) as first_period,
        min(case when codes.coding = 'year' then of_indices.period end) as first_year
    from of_indices
    inner join codes
        on of_indices.period = codes.period
    group by of_indices.index_key, of_indices.family

),

-- The family of most periods of an index; periods of other families are reported.
ranked_families as (

    select
        *,
        row_number() over (
            partition by index_key
            order by case when family = 'listed' then 0 else 1 end asc, n_periods desc, family asc
        ) as place
    from families

),

other_families as (

    select
        of_indices.index_key,
        of_indices.period,
        of_indices.label,
        of_indices.coding,
        of_indices.family,
        ranked_families.family as main_family,
        ranked_families.first_period as main_period,
        case
            when ranked_families.family <> 'integer' then ranked_families.family
            when ranked_families.first_year is not null then 'year'
            else 'integer'
        end as main_coding
    from of_indices
    inner join ranked_families
        on
            of_indices.index_key = ranked_families.index_key
            and of_indices.family <> ranked_families.family
            and ranked_families.place = 1

),

indicators_of_other_families as (

    select
        other_families.index_key,
        other_families.period,
        min(members.indicator_code) as indicator_code
    from other_families
    inner join {{ ref('int_index__members') }} as members
        on other_families.index_key = members.index_key
    inner join {{ ref('int_periods__observed') }} as observed
        on
            members.indicator_key = observed.indicator_key
            and other_families.period = observed.period
    group by other_families.index_key, other_families.period

),

other_frequencies as (

    select
        {{ rule_and_place('periods_have_one_frequency', needs, 'observations') }},
        'period' as column_name,
        cast(other_families.period as {{ dbt.type_string() }}) as value,
        case
            when other_families.main_family = 'listed'
                then concat_ws(
                    '',
                    'of ', indicators_of_other_families.indicator_code, ' in the index ',
                    indices.index_code,
                    ' is not listed in periods, unlike other periods of the index; add it with '
                    || 'its first day'
                )
            else concat_ws(
                '',
                'of ', indicators_of_other_families.indicator_code, ' in the index ',
                indices.index_code, ' is ',
                case other_families.coding
                    {%- for coding, words in kinds.items() %}
                    when '{{ coding }}' then '{{ words }}'
                    {%- endfor %}
                end,
                ', but ', cast(other_families.main_period as {{ dbt.type_string() }}), ' is ',
                case other_families.main_coding
                    {%- for coding, words in kinds.items() %}
                    when '{{ coding }}' then '{{ words }}'
                    {%- endfor %}
                end,
                ': the periods of an index must have one frequency; correct the period, or list '
                || 'the periods of the index in periods with their first days'
            )
        end as reason
    from other_families
    inner join indicators_of_other_families
        on
            other_families.index_key = indicators_of_other_families.index_key
            and other_families.period = indicators_of_other_families.period
    inner join indices
        on other_families.index_key = indices.index_key
    -- Otherwise the row of the table periods has a violation of its own.
    where not exists (
        select 1 from periods
        where periods.period_number = other_families.period
    )

),

in_order as (

    select
        index_key,
        period,
        starts_on,
        lag(period) over (partition by index_key order by period) as period_before,
        lag(starts_on) over (partition by index_key order by period) as starts_on_before
    from of_indices
    where is_listed

),

out_of_order as (

    select
        {{ rule_and_place('periods_are_numbered_in_order', needs, 'periods') }},
        'period' as column_name,
        cast(in_order.period as {{ dbt.type_string() }}) as value,
        concat_ws(
            '',
            'of the index ', indices.index_code, ' starts on ',
            cast(in_order.starts_on as {{ dbt.type_string() }}),
            case
                when in_order.starts_on = in_order.starts_on_before then ', as '
                else ', before '
            end,
            cast(in_order.period_before as {{ dbt.type_string() }}),
            case
                when in_order.starts_on = in_order.starts_on_before then ' does'
                else concat_ws(
                    '',
                    ' (', cast(in_order.starts_on_before as {{ dbt.type_string() }}), ')'
                )
            end,
            ': number the periods of an index in chronological order'
        ) as reason
    from in_order
    inner join indices
        on in_order.index_key = indices.index_key
    inner join codes
        on in_order.period = codes.period
    inner join codes as codes_before
        on in_order.period_before = codes_before.period
    where
        in_order.starts_on < in_order.starts_on_before
        or (
            in_order.starts_on = in_order.starts_on_before
            and codes.family_of_digits <> codes_before.family_of_digits
        )

),

invalid_references as (

    select
        {{ rule_and_place('reference_is_of_the_frequency', needs, records='records') }},
        'reference_last_period' as column_name,
        records.reference_last_period as value,
        case
            when ranked_families.family = 'listed'
                then
                    'is not listed in periods, unlike the periods of the index; add it with its '
                    || 'first day'
            else concat_ws(
                '',
                'is not a possible period of the index ', indices.index_code,
                ', whose periods are such as ',
                cast(ranked_families.first_period as {{ dbt.type_string() }}),
                '; give the last period of the reference rows'
            )
        end as reason
    from indices
    inner join ranked_families
        on
            indices.index_key = ranked_families.index_key
            and ranked_families.place = 1
    inner join codes
        on
            indices.reference_last_period = codes.period
            and ranked_families.family <> codes.family
    inner join {{ ref('stg_input__indices') }} as records
        on indices.index_code = records.index_code

)

{%- for rule in [
    'unreadable', 'duplicates', 'same_day', 'other_frequencies', 'out_of_order',
    'invalid_references',
] %}
select * from {{ rule }}
{{ 'union all' if not loop.last }}
{%- endfor %}
